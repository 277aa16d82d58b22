using System.Globalization;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using SoftIov.Lab.TestBed;

namespace SoftIov.SystemTests.Rigs;

/// <summary>A network interface in a guest, as its user drives it.</summary>
internal sealed partial class GuestNic(VirtualMachine machine, string name)
{
    private static int _lastPort = 5200;

    /// <summary>The guest.</summary>
    public VirtualMachine Machine { get; } = machine;

    /// <summary>Name of the interface.</summary>
    public string Name { get; } = name;

    /// <summary>Waits until the guest has an interface with this MAC address.</summary>
    public static async Task<GuestNic> FindAsync(VirtualMachine machine, string mac)
    {
        string command = $"grep -il '^{mac}$' /sys/class/net/*/address | head -n 1";
        string path = await Eventually.GetAsync(
            () => machine.CheckAsync(command), found => found.Length > 0, $"{machine.Name}: an interface with {mac}");
        return new GuestNic(machine, path.Split('/')[4]);
    }

    /// <summary>Takes the interface up with addresses.</summary>
    public Task UpAsync(params string[] addresses) =>
        CheckAsync(string.Join(" && ", [$"ip link set {Name} up", .. addresses.Select(address => $"ip addr add {address} dev {Name}")]));

    /// <summary>Runs a command in the guest that must succeed; {0} in it stands for the interface.</summary>
    public Task<string> CheckAsync(string command, TimeSpan? timeout = null) =>
        Machine.CheckAsync(command.Replace("{0}", Name, StringComparison.Ordinal), timeout);

    /// <summary>Pings and returns how many percent of the pings were not answered.</summary>
    public async Task<int> PingAsync(string address, int count = 5, int bytes = 56)
    {
        GuestResult result = await Machine.RunAsync($"ping -c {count} -i 0.2 -W 2 -s {bytes} -I {Name} {address}");
        Match loss = LossText().Match(result.Output);
        return loss.Success
            ? int.Parse(loss.Groups[1].Value, CultureInfo.InvariantCulture)
            : throw new BedException($"{Machine.Name}: no summary of ping: {result.Output}");
    }

    /// <summary>Whether <paramref name="address"/> answers within some tries.</summary>
    public async Task<bool> ReachesAsync(string address) => await PingAsync(address, 3) < 100;

    /// <summary>Waits until the driver has a carrier: it hears of one by an interrupt, later than the host.</summary>
    public Task WaitForLinkAsync() => CheckAsync("until ip -o link show {0} | grep -q ' state UP '; do sleep 0.1; done");

    /// <summary>Starts an iperf3 server, which goes into the background before it listens: waits for that.</summary>
    public Task ServeAsync(int port, string options = "") => CheckAsync(
        $"iperf3 -s -D -p {port} {options} && until grep -qs ':{port:X4} 0*:0000 0A' /proc/net/tcp /proc/net/tcp6; do sleep 0.1; done");

    /// <summary>Measures TCP to <paramref name="server"/> at <paramref name="address"/> by iperf3; returns Mbit/s received there.</summary>
    public async Task<double> MeasureTcpAsync(GuestNic server, string address, int seconds = 3, string options = "")
    {
        int port = Interlocked.Increment(ref _lastPort);
        await server.ServeAsync(port, "-1");
        string report = await CheckAsync(
            $"iperf3 -c {address} -p {port} -t {seconds} --connect-timeout 10000 -J {options}", TimeSpan.FromSeconds(60 + seconds));
        return JsonNode.Parse(report)!["end"]!["sum_received"]!["bits_per_second"]!.GetValue<double>() / 1e6;
    }

    /// <summary>
    /// Lets <paramref name="receiver"/> fetch random bytes from this guest, at <paramref name="address"/>, by HTTP; returns the hashes of
    /// what was sent and what arrived.
    /// </summary>
    public async Task<(string Sent, string Arrived)> CopyAsync(string address, GuestNic receiver, int kibibytes)
    {
        int port = Interlocked.Increment(ref _lastPort);
        string folder = $"/tmp/www.{port}";
        string sent = await CheckAsync(
            $"mkdir {folder} && head -c {kibibytes}k /dev/urandom >{folder}/data && httpd -p {port} -h {folder} && " +
            $"sha256sum <{folder}/data");
        string arrived = await receiver.CheckAsync($"wget -q -O - http://{address}:{port}/data | sha256sum", TimeSpan.FromSeconds(120));
        await CheckAsync($"rm -r {folder}");
        return (sent, arrived);
    }

    [GeneratedRegex(@"(\d+)% packet loss")]
    private static partial Regex LossText();
}
