using SoftIov.Api;
using SoftIov.Lab.Demo;

namespace SoftIov.Benchmarks.Report;

/// <summary>A real daemon, a process of its own, with one network adapter.</summary>
internal sealed class BenchDaemon : IAsyncDisposable
{
    /// <summary>A VF as the PCI function that it is.</summary>
    public const string VfioUser = "vfio-user";

    /// <summary>The rings of a VF.</summary>
    public const string VhostUser = "vhost-user";

    private const string Adapter = "net0";

    private readonly string _transport;
    private readonly DemoFolder _folder = new();
    private DemoDaemon _daemon = null!;

    private BenchDaemon(string transport) => _transport = transport;

    /// <summary>What the kernel knows of it.</summary>
    public DaemonFigures Figures { get; private set; } = null!;

    /// <summary>Starts one; the adapter has no VFs yet.</summary>
    public static async Task<BenchDaemon> StartAsync(string programs, int totalVfs, string transport = VfioUser)
    {
        var daemon = new BenchDaemon(transport);
        try
        {
            daemon._daemon = await DemoDaemon.StartAsync(new DemoPrograms(programs), daemon._folder, CancellationToken.None);
            string vfs = string.Join(", ", Enumerable.Range(0, totalVfs).Select(vf => $"{vf}: {{transport: {transport}}}"));
            await daemon._daemon.Client.ApplyAsync(
                new ApplyRequest(Yaml: $"adapters: [{{name: {Adapter}, totalVfs: {totalVfs}, numVfs: 0, vfs: {{{vfs}}}}}]"));
            daemon.Figures = new DaemonFigures(daemon._daemon.ProcessId);
            return daemon;
        }
        catch
        {
            await daemon.DisposeAsync();
            throw;
        }
    }

    /// <summary>Enables so many VFs, or none; each has a socket on return.</summary>
    public Task SetVfsAsync(int count) =>
        _daemon.Client.SetAsync(new SetRequest(Adapter, new Dictionary<string, string> { ["numVfs"] = $"{count}" }, Force: true));

    /// <summary>Counters of functions and pollers.</summary>
    public Task<StatsResult> GetStatsAsync() => _daemon.Client.GetStatsAsync();

    /// <summary>Where a VF is served.</summary>
    public string SocketOf(int vf) => Path.Combine(_folder.Runtime, Adapter, _transport == VfioUser ? $"vf{vf}.sock" : $"vf{vf}-vhost.sock");

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        if (_daemon is not null)
            await _daemon.DisposeAsync();
        _folder.Dispose();
    }
}
