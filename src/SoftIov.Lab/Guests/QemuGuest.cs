using SoftIov.Lab.Demo;
using SoftIov.Lab.TestBed;

namespace SoftIov.Lab.Guests;

/// <summary>A guest of the demo that is Linux in QEMU, with the drivers Linux has; spoken to by shell commands.</summary>
internal sealed class QemuGuest(VirtualMachine machine) : IDemoGuest
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(90);

    // Each address is only told by the interface that has it; an iperf3 server waits for streams.
    private const string SetUpScript =
        "echo 1 >/proc/sys/net/ipv4/conf/all/arp_ignore; echo 2 >/proc/sys/net/ipv4/conf/all/arp_announce; iperf3 -s -D >/dev/null 2>&1";

    // pktgen (Documentation/networking/pktgen.rst) sends what it is told to, whatever address the interface has.
    private const string SpoofScript =
        """
        set -e
        ping -c 1 -W 10 PEER >/dev/null
        device=$(ip -o route get PEER | sed 's/.* dev \([^ ]*\).*/\1/')
        hardware=$(ip neigh show PEER dev $device | sed 's/.*lladdr \([^ ]*\).*/\1/')
        tell() { echo "$2" >/proc/net/pktgen/$1; }
        tell kpktgend_0 rem_device_all
        tell kpktgend_0 "add_device $device"
        for line in "count FRAMES" "pkt_size 60" "delay 0" "dst PEER" "dst_mac $hardware" "src_mac SOURCE"; do tell $device "$line"; done
        tell pgctrl start
        tell kpktgend_0 rem_device_all
        """;

    private int _interfaces = 1;

    /// <inheritdoc/>
    public string Name => machine.Name;

    /// <inheritdoc/>
    public int ProcessId => machine.ProcessId;

    /// <inheritdoc/>
    public string QmpSocket => machine.QmpSocket;

    /// <summary>Brings the network up.</summary>
    public async Task SetUpAsync(IReadOnlyList<string> addresses, CancellationToken cancellationToken)
    {
        await machine.CheckAsync(SetUpScript, Patience, cancellationToken).ConfigureAwait(false);
        await BringUpAsync(0, addresses, cancellationToken).ConfigureAwait(false);
    }

    /// <inheritdoc/>
    public async Task<IReadOnlyList<string>> LspciAsync(CancellationToken cancellationToken)
    {
        string output = await machine.CheckAsync("lspci -d ::0200", Patience, cancellationToken).ConfigureAwait(false);
        return output.Split('\n', StringSplitOptions.RemoveEmptyEntries);
    }

    /// <inheritdoc/>
    public async Task<string?> DriverAsync(CancellationToken cancellationToken)
    {
        const string Device = "/sys/class/net/eth0/device";
        string command = $"for d in {Device} {Device}/..; do basename \"$(readlink $d/driver)\"; done";
        string[] drivers = (await machine.CheckAsync(command, Patience, cancellationToken).ConfigureAwait(false)).Split('\n');
        return drivers is [{ Length: > 0 } network, { Length: > 0 } bus, ..] ? $"{network} over {bus}" : null;
    }

    /// <inheritdoc/>
    public Task TakeFunctionAsync(string socket, string address, CancellationToken cancellationToken) =>
        BringUpAsync(_interfaces++, [address], cancellationToken);

    /// <inheritdoc/>
    public async Task<PingResult> PingAsync(string peer, int count, bool isPatient, CancellationToken cancellationToken)
    {
        string command = $"ping -A -c {count} -W {(isPatient ? 10 : 1)} {peer}";
        GuestResult result = await machine.RunAsync(command, Patience, cancellationToken).ConfigureAwait(false);
        return QemuGuestOutput.Ping(result.Output) ?? throw new DemoException($"guest {Name}, {command}: {result.Output.TrimEnd()}");
    }

    /// <inheritdoc/>
    public async Task<StreamResult> StreamAsync(string peer, TimeSpan duration, CancellationToken cancellationToken)
    {
        string command = $"iperf3 -c {peer} -t {Math.Max(1, (int)duration.TotalSeconds)} -J";
        GuestResult result = await machine.RunAsync(command, Patience + duration, cancellationToken).ConfigureAwait(false);
        return QemuGuestOutput.Stream(result.Output) ?? throw new DemoException($"guest {Name}, {command}: {result.Output.TrimEnd()}");
    }

    /// <inheritdoc/>
    public Task SpoofAsync(string peer, string source, int frames, CancellationToken cancellationToken)
    {
        string script = SpoofScript
            .Replace("PEER", peer, StringComparison.Ordinal)
            .Replace("SOURCE", source, StringComparison.Ordinal)
            .Replace("FRAMES", $"{frames}", StringComparison.Ordinal);
        return machine.CheckAsync(script, Patience, cancellationToken);
    }

    /// <inheritdoc/>
    public void Kill() => machine.Kill();

    /// <inheritdoc/>
    public Task<string> DescribeAsync() => machine.DescribeAsync();

    /// <inheritdoc/>
    public ValueTask DisposeAsync() => machine.DisposeAsync();

    private Task BringUpAsync(int number, IReadOnlyList<string> addresses, CancellationToken cancellationToken)
    {
        string assign = string.Concat(addresses.Select(address => $"ip addr add {address}/24 dev eth{number} && "));
        string command = $"for i in $(seq 300); do [ -e /sys/class/net/eth{number} ] && break; sleep 0.1; done; " +
            $"{assign}ip link set eth{number} up";
        return machine.CheckAsync(command, Patience, cancellationToken);
    }
}
