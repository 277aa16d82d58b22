using System.Globalization;
using System.Text.RegularExpressions;
using SoftIov.Lab.TestBed;

namespace SoftIov.Benchmarks.Peers;

/// <summary>Open vSwitch with DPDK: a bridge that learns (the NORMAL action), two vhost-user ports, one poll-mode thread.</summary>
internal sealed partial class OvsSwitch : IPeerSwitch
{
    private readonly PeerProcess _database;
    private readonly PeerProcess _switch;

    private readonly string[] _statistics;

    private OvsSwitch(PeerProcess database, PeerProcess daemon, IReadOnlyList<string> sockets, string[] statistics)
    {
        _database = database;
        _switch = daemon;
        Sockets = sockets;
        _statistics = statistics;
    }

    public string Name => "ovs";

    public IReadOnlyList<string> Sockets { get; }

    /// <summary>Starts database and daemon, and makes the bridge.</summary>
    public static async Task<OvsSwitch> StartAsync(PeerPrograms programs, string folder, HugePages pages)
    {
        foreach (string name in new[] { "OVS_RUNDIR", "OVS_DBDIR", "OVS_LOGDIR", "OVS_SYSCONFDIR" })
            Environment.SetEnvironmentVariable(name, folder);
        string file = Path.Combine(folder, "conf.db");
        string socket = $"unix:{Path.Combine(folder, "db.sock")}";
        await PeerProcess.RunAsync([.. programs.CommandFor("ovsdb-tool"), "create", file, programs.VswitchSchema]);
        PeerProcess database = await PeerProcess.StartAsync([.. programs.CommandFor("ovsdb-server"), $"--remote=p{socket}", file]);
        await database.WaitAsync("database of Open vSwitch", () => File.Exists(socket["unix:".Length..]));
        string[] control = [.. programs.CommandFor("ovs-vsctl"), $"--db={socket}", "--timeout=60"];
        IReadOnlyList<string> environment =
            programs.EnvironmentOptions(pages.Folder, TestpmdClient.Megabytes, "bus_vdev", "mempool_ring", "net_vhost");
        await PeerProcess.RunAsync([.. control, "--no-wait", "init"]);
        await PeerProcess.RunAsync(
        [
            .. control, "--no-wait", "set", "Open_vSwitch", ".", "other_config:dpdk-init=true",
            $"other_config:pmd-cpu-mask={1 << Cores.OfSwitch:x}", $"other_config:dpdk-lcore-mask={1 << Cores.OfClient:x}",
            $"other_config:dpdk-socket-mem={TestpmdClient.Megabytes}", $"other_config:dpdk-socket-limit={TestpmdClient.Megabytes}",
            $"other_config:dpdk-hugepage-dir={pages.Folder}",
            $"other_config:dpdk-extra=\"{string.Join(' ', WithoutMemory(environment))} --file-prefix=softiov-ovs\"",
        ]);
        string door = Path.Combine(folder, "switch.ctl");
        PeerProcess daemon = await PeerProcess.StartAsync([.. programs.Vswitchd, $"--unixctl={door}", socket]);
        await PeerProcess.RunAsync([.. control, "add-br", "br0", "--", "set", "bridge", "br0", "datapath_type=netdev"]);
        string[] ports = ["ovs0", "ovs1"];
        foreach (string port in ports)
            await PeerProcess.RunAsync([.. control, "add-port", "br0", port, "--", "set", "Interface", port, "type=dpdkvhostuser"]);
        string[] sockets = [.. ports.Select(port => Path.Combine(folder, port))];
        await daemon.WaitAsync("sockets of Open vSwitch", () => sockets.All(File.Exists));
        return new OvsSwitch(database, daemon, sockets, [.. programs.CommandFor("ovs-appctl"), $"--target={door}", "dpif-netdev/pmd-stats-show"]);
    }

    public async Task<double> ReadBusyAsync(double tscMegahertz)
    {
        string said = await PeerProcess.RunAsync(_statistics);
        return Processing().Matches(said).Sum(match => double.Parse(match.Groups[1].ValueSpan, CultureInfo.InvariantCulture)) / tscMegahertz * 1e3;
    }

    public void Pause() => _switch.Pause();

    public void Resume() => _switch.Resume();

    public ValueTask DisposeAsync()
    {
        _switch.Dispose();
        _database.Dispose();
        return ValueTask.CompletedTask;
    }

    /// <summary>It has keys of its own for memory and its folder.</summary>
    private static IEnumerable<string> WithoutMemory(IReadOnlyList<string> environment)
    {
        for (int i = 0; i < environment.Count; i++)
        {
            if (environment[i] == "-m")
                i++;
            else if (!environment[i].StartsWith("--huge-dir", StringComparison.Ordinal))
                yield return environment[i];
        }
    }

    /// <summary>Cycles of rounds that moved something, of each thread.</summary>
    [GeneratedRegex(@"processing cycles:\s*(\d+)")]
    private static partial Regex Processing();
}
