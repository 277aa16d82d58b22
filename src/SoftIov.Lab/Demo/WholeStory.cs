using System.Globalization;
using SoftIov.Api;
using SoftIov.Lab.TestBed;

namespace SoftIov.Lab.Demo;

/// <summary>
/// The story of an adapter in one VM: a daemon, a guest with a generic kernel, VFs by sysfs, two of them in network namespaces, pings
/// between them and to the PF, a function level reset. Each step needs those before it.
/// </summary>
internal sealed class WholeStory(DemoStage stage)
    : MachineStory<WholeSummary>(stage, new WholeSummary(), GuestKernel.StableGeneric, GuestTools.Network)
{
    private const string Adapter = "net0";
    private const int TotalVfs = 16;
    private const int Vfs = 8;
    private const int Pings = 20;

    // Addresses for trials, which no host uses (RFC 2544).
    private const string Network = "198.18.77";
    private const string HostAddress = $"{Network}.253";
    private const string PhysicalAddress = $"{Network}.254";

    private static readonly string Tap = string.Create(CultureInfo.InvariantCulture, $"demo{Environment.ProcessId}");

    // The PF is 01:00.0 in a domain of its own; VF n follows it function by function. The last VF is the one that is reset.
    private const string Prelude = $$"""
        P=/sys/bus/pci/devices; PF=10000:01:00.0; DRIVER=/sys/bus/pci/drivers/virtio-pci
        vf() { printf '10000:01:%02x.%x' $((($1 + 1) / 8)) $((($1 + 1) % 8)); }
        up() { ip -n $1 addr add {{Network}}.$2/24 dev $3; ip -n $1 link set $3 up; }
        space() {
            link=$(ls $P/$(vf $2)/virtio*/net); ip netns add $1; ip link set $link netns $1; up $1 $3 $link
        }

        """;

    private VirtualMachine? _guest;

    /// <summary>Whether the adapter can have a tap of this machine as uplink: then there is an outside to ping.</summary>
    private static string? AddressProgram { get; } =
        Environment.IsPrivilegedProcess && File.Exists("/dev/net/tun") ? Subprocess.Find("ip") : null;

    /// <inheritdoc/>
    protected override async Task TellAsync() =>
        _ = await StepAsync("adapter", MakeAdapterAsync).ConfigureAwait(false)
            && await StepAsync("guest booted", BootAsync).ConfigureAwait(false)
            && await StepAsync("PF enumerated", FindAsync).ConfigureAwait(false)
            && await StepAsync("VFs enabled", EnableAsync).ConfigureAwait(false)
            && await StepAsync("drivers bound", ShowDriversAsync).ConfigureAwait(false)
            && await StepAsync("ping", PingAsync).ConfigureAwait(false)
            && await StepAsync("ping outside", PingOutsideAsync).ConfigureAwait(false)
            && await StepAsync("reset of a VF", ResetAsync).ConfigureAwait(false)
            && await StepAsync("lspci in the guest", ShowTreeAsync).ConfigureAwait(false);

    private async Task<string> MakeAdapterAsync()
    {
        Summary = Summary with { Kernel = KernelRelease };
        UplinkSpec uplink = AddressProgram is null ? UplinkSpec.None : new UplinkSpec(UplinkKind.Tap, Tap, Create: true);
        await ApplyAsync(new NetAdapterSpec(Adapter, TotalVfs: TotalVfs, Uplink: uplink, Whole: true)).ConfigureAwait(false);
        return $"{Adapter}: a PF and up to {TotalVfs} VFs, served whole";
    }

    private async Task<string> BootAsync()
    {
        _guest = await BootAsync("whole", new AttachRequest(Adapter, Whole: true)).ConfigureAwait(false);
        return $"process {_guest.ProcessId} with all of {Adapter}";
    }

    private async Task<string> FindAsync()
    {
        string total = await InGuestAsync("""
            for i in $(seq 100); do test -e $P/$PF/driver && break; sleep 0.1; done
            cat $P/$PF/sriov_totalvfs
            """).ConfigureAwait(false);
        Summary = Summary with { TotalVfs = int.Parse(total, CultureInfo.InvariantCulture) };
        DemoException.Unless(Summary.TotalVfs == TotalVfs, $"the guest found {total} VFs, not {TotalVfs}");
        return $"10000:01:00.0, sriov_totalvfs {total}";
    }

    private async Task<string> EnableAsync()
    {
        string times = await InGuestAsync(
            $"read start rest </proc/uptime; echo {Vfs} >$P/$PF/sriov_numvfs || exit 1; read end rest </proc/uptime; echo $start $end")
            .ConfigureAwait(false);
        double[] seconds = [.. times.Split(' ').Select(time => double.Parse(time, CultureInfo.InvariantCulture))];
        Summary = Summary with { EnableSeconds = Math.Round(seconds[1] - seconds[0], 2) };
        return string.Create(CultureInfo.InvariantCulture, $"echo {Vfs} > sriov_numvfs: {Summary.EnableSeconds:0.00} s with drivers");
    }

    private async Task<string> ShowDriversAsync()
    {
        AdapterStatus status = await StatusAsync(Adapter).ConfigureAwait(false);
        int bound = status.Functions.Count(function => function.Driver == "driver-ok");
        Summary = Summary with { VfsEnabled = status.NumVfs, DriversBound = bound == Vfs + 1 && status.NumVfs == Vfs };
        DemoException.Unless(Summary.DriversBound, $"{bound} of {status.Functions.Count} functions have a driver");
        return $"virtio_net at PF and {status.NumVfs} VFs, as the daemon sees it";
    }

    private async Task<string> PingAsync()
    {
        string said = await InGuestAsync($"""
            link=$(ls $P/$PF/virtio*/net); ip addr add {PhysicalAddress}/24 dev $link; ip link set $link up
            space one 0 1; space two 1 2; sleep 1
            ip netns exec one ping -q -c {Pings} -i 0.1 -W 2 {Network}.2
            ip netns exec two ping -q -c {Pings} -i 0.1 -W 2 {PhysicalAddress}
            true
            """).ConfigureAwait(false);
        int answered = AnswersIn(said);
        Summary = Summary with { PingLossPercent = Math.Round(100.0 * ((2 * Pings) - answered) / (2 * Pings), 1) };
        DemoException.Unless(answered == 2 * Pings, $"{answered} of {2 * Pings} pings answered");
        return $"{answered} of {2 * Pings} answered, between two VFs in namespaces and out to the PF's";
    }

    private async Task<string> PingOutsideAsync()
    {
        if (AddressProgram is not { } ip)
            return "left out: a tap needs root and /dev/net/tun";
        await Subprocess.RunAsync([ip, "addr", "add", $"{HostAddress}/24", "dev", Tap], Cancelled).ConfigureAwait(false);
        await Subprocess.RunAsync([ip, "link", "set", Tap, "up"], Cancelled).ConfigureAwait(false);
        int answered = AnswersIn(await InGuestAsync($"ip netns exec two ping -q -c {Pings} -i 0.1 -W 2 {HostAddress}; true")
            .ConfigureAwait(false));
        Summary = Summary with { PingLossPercent = Math.Max(Summary.PingLossPercent ?? 0, 100.0 * (Pings - answered) / Pings) };
        DemoException.Unless(answered == Pings, $"{answered} of {Pings} pings answered");
        return $"{answered} of {Pings} answered by this machine, through {Tap}";
    }

    private static int AnswersIn(string pings) => pings.Split('\n')
        .Where(line => line.Contains("packets received", StringComparison.Ordinal))
        .Sum(line => int.Parse(line.Split(", ")[1].Split(' ')[0], CultureInfo.InvariantCulture));

    private async Task<string> ResetAsync()
    {
        string said = await InGuestAsync($"""
            (ip netns exec one ping -q -c {2 * Pings} -i 0.1 -W 2 {Network}.2 >/tmp/neighbours) &
            last=$(vf {Vfs - 1}); echo $last >$DRIVER/unbind; echo 1 >$P/$last/reset; echo $last >$DRIVER/bind
            wait; cat /tmp/neighbours; space last {Vfs - 1} 3; sleep 1
            ip netns exec last ping -q -c 3 -i 0.1 -W 2 {Network}.1
            """).ConfigureAwait(false);
        bool isHarmless = said.Split(" 0% packet loss").Length == 3;
        Summary = Summary with { FlrHarmless = isHarmless };
        DemoException.Unless(isHarmless, $"after the reset of {Adapter}/{Vfs - 1}: {said}");
        return $"{Adapter}/{Vfs - 1} by its sysfs reset: neighbours lost nothing, it works again";
    }

    private async Task<string> ShowTreeAsync()
    {
        string tree = await InGuestAsync("lspci -tv | sed -n '/10000:/,/^-\\[0000:/p' | grep -v '^-\\[0000:'").ConfigureAwait(false);
        foreach (string line in tree.Split('\n'))
            Output.Detail(line);
        return "the domain behind the endpoint";
    }

    private Task<string> InGuestAsync(string command) => InGuestAsync(_guest!, Prelude + command);
}
