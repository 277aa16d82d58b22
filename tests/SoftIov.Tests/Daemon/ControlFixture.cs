using Microsoft.Extensions.Logging.Abstractions;
using SoftIov.Api;
using SoftIov.Daemon.Control;
using SoftIov.Daemon.Hosting;

namespace SoftIov.Tests.Daemon;

/// <summary>A control socket over model adapters, in a directory of its own.</summary>
internal sealed class ControlFixture : IAsyncDisposable
{
    private readonly DirectoryInfo _directory = Directory.CreateTempSubdirectory("softiov-control-");
    private readonly ControlServer _server;

    public ControlFixture()
    {
        Settings = new DaemonSettings { StateDirectory = Path.Combine(_directory.FullName, "state"), RuntimeDirectory = "/run/softiov" };
        var leases = new Leases(Settings.StateDirectory);
        Operations = new Operations(Adapters, new DesiredStateFile(Settings.StateDirectory), leases);
        var dispatcher = new ControlDispatcher(NullLogger<ControlDispatcher>.Instance);
        var table = new ControlMethodTable(
            Operations, new Attachments(Operations, leases), Events, Settings, TimeProvider.System, () => Stopped.TrySetResult());
        table.Register(dispatcher);
        _server = new ControlServer(Path.Combine(_directory.FullName, "control.sock"), dispatcher, NullLogger<ControlServer>.Instance);
    }

    public DaemonSettings Settings { get; }

    public AdaptersModel Adapters { get; } = new();

    public Operations Operations { get; }

    public EventHub Events { get; } = new(TimeProvider.System);

    public TaskCompletionSource Stopped { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public string SocketPath => _server.Path;

    public Task<ControlClient> ConnectAsync() => ControlClient.ConnectAsync(SocketPath);

    public async ValueTask DisposeAsync()
    {
        await _server.DisposeAsync();
        _directory.Delete(recursive: true);
    }
}
