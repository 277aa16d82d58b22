using SoftIov.Api;
using SoftIov.Lab.Demo;

namespace SoftIov.Benchmarks.Report;

/// <summary>A real daemon, a process of its own, with one network adapter.</summary>
internal sealed class BenchDaemon : IAsyncDisposable
{
    private const string Adapter = "net0";

    private readonly DemoFolder _folder = new();
    private DemoDaemon _daemon = null!;

    /// <summary>What the kernel knows of it.</summary>
    public DaemonFigures Figures { get; private set; } = null!;

    /// <summary>Starts one; the adapter has no VFs yet.</summary>
    public static async Task<BenchDaemon> StartAsync(string programs, int totalVfs)
    {
        var daemon = new BenchDaemon();
        try
        {
            daemon._daemon = await DemoDaemon.StartAsync(new DemoPrograms(programs), daemon._folder, CancellationToken.None);
            await daemon._daemon.Client.ApplyAsync(new ApplyRequest(Yaml: $"adapters: [{{name: {Adapter}, totalVfs: {totalVfs}, numVfs: 0}}]"));
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
    public string SocketOf(int vf) => Path.Combine(_folder.Runtime, Adapter, $"vf{vf}.sock");

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        if (_daemon is not null)
            await _daemon.DisposeAsync();
        _folder.Dispose();
    }
}
