using System.Globalization;
using SoftIov.Lab.TestBed;
using SoftIov.SystemTests.Rigs;

namespace SoftIov.SystemTests.Whole;

/// <summary>An adapter that a guest has whole, as the guest's own kernel and tools see it: a PCI domain with a port, a PF and VFs.</summary>
internal sealed class WholeGuest(VirtualMachine machine, string domain, int network)
{
    private static readonly TimeSpan Slow = TimeSpan.FromMinutes(3);

    // Names of functions: $PORT, $PF and "$(vf N)"; VFs follow the PF function by function, over as many buses as they need.
    private readonly string _prelude = $$"""
        D={{domain}}; P=/sys/bus/pci/devices; DRIVER=/sys/bus/pci/drivers/virtio-pci; PORT=$D:00:00.0; PF=$D:01:00.0
        vf() { printf '%s:%02x:%02x.%x' $D $(( ($1 + 1) / 256 + 1 )) $(( ($1 + 1) % 256 / 8 )) $(( ($1 + 1) % 8 )); }
        nic() { ls $P/$1/virtio*/net; }
        space() {
            ip netns del $1 2>/dev/null
            for try in $(seq 300); do link=$(nic $2 2>/dev/null) && break; sleep 0.1; done
            ip netns add $1; ip link set $link netns $1
            ip -n $1 addr add 10.{{network}}.$3 dev $link; ip -n $1 link set $link up
        }

        """;

    /// <summary>The guest.</summary>
    public VirtualMachine Machine { get; } = machine;

    /// <summary>Runs a shell command that must succeed.</summary>
    public Task<string> CheckAsync(string command) => Machine.CheckAsync(_prelude + command, Slow);

    /// <summary>Runs a shell command.</summary>
    public Task<GuestResult> RunAsync(string command) => Machine.RunAsync(_prelude + command, Slow);

    /// <summary>Waits for the domain.</summary>
    public Task WaitForDomainAsync() => Eventually.GetAsync(
        () => Machine.RunAsync($"test -e /sys/bus/pci/devices/{domain}:01:00.0/driver"), result => result.Succeeded, $"domain {domain}");

    /// <summary>Writes sriov_numvfs, after 0 where there are VFs already; returns the seconds that the last write took.</summary>
    public async Task<double> EnableAsync(int count, bool withDrivers = true)
    {
        string seconds = await CheckAsync($"""
            echo {(withDrivers ? 1 : 0)} >$P/$PF/sriov_drivers_autoprobe
            [ $(cat $P/$PF/sriov_numvfs) = 0 ] || echo 0 >$P/$PF/sriov_numvfs
            read start rest </proc/uptime; echo {count} >$P/$PF/sriov_numvfs || exit 1; read end rest </proc/uptime
            echo $start $end | awk '{"{print $2 - $1}"}'
            """);
        return double.Parse(seconds, CultureInfo.InvariantCulture);
    }

    /// <summary>
    /// Puts a VF's interface into a network namespace of its own, "v0", with the address of <see cref="AddressOf"/>; the PF's, for -1, into
    /// "v-1".
    /// </summary>
    public Task<string> PutAsync(int vf) =>
        CheckAsync($"space v{vf} {(vf < 0 ? "$PF" : $"$(vf {vf})")} {(vf + 1) / 250}.{((vf + 1) % 250) + 1}/16");

    /// <summary>Address of a VF's interface, or of the PF's for -1.</summary>
    public string AddressOf(int vf) => $"10.{network}.{(vf + 1) / 250}.{((vf + 1) % 250) + 1}";

    /// <summary>
    /// Waits until the interface in a namespace has a carrier: its driver hears of one by an interrupt, later than the host.
    /// </summary>
    public Task WaitForLinkAsync(int vf) =>
        CheckAsync($"until ip -n v{vf} -o link show | grep -v LOOPBACK | grep -q ' state UP '; do sleep 0.1; done");

    /// <summary>Pings from one namespace; asserts that nothing is lost.</summary>
    public async Task PingAsync(int from, string address, int count = 3)
    {
        GuestResult result = await PingAnyhowAsync(from, address, count);
        Assert.True(result.Output.Contains(" 0% packet loss", StringComparison.Ordinal), result.Output);
    }

    /// <summary>Pings from one namespace.</summary>
    public Task<GuestResult> PingAnyhowAsync(int from, string address, int count = 3) =>
        RunAsync($"ip netns exec v{from} ping -q -c {count} -i 0.1 -W 5 {address}");

    /// <summary>Gives two VFs namespaces, and sees that each reaches the other.</summary>
    public async Task ConnectAsync(int one, int other)
    {
        await PutAsync(one);
        await PutAsync(other);
        await PingAsync(one, AddressOf(other));
    }

    /// <summary>What the kernel said at level warning or worse of PCI, drivers and interfaces.</summary>
    public async Task<string> WarningsAsync() => (await RunAsync(
        "dmesg -r | grep '^<[0-4]>' | grep -E 'pci|vmd|virtio|net_|irq|BUG|WARN|Call Trace' | grep -v 'ACPI: IRQ'")).Output;
}
