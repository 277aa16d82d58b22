using Microsoft.Extensions.Logging;
using SoftIov.Api;
using SoftIov.Daemon.Configuration;
using SoftIov.Daemon.Control;
using SoftIov.Daemon.Hosting;
using SoftIov.Datapath;
using SoftIov.Linux;
using SoftIov.Transports;
using SoftIov.Transports.Backings;
using SoftIov.Transports.Uplinks;
using SoftIov.Transports.VfioUser;
using SoftIov.Transports.VhostUser;

namespace SoftIov.Daemon.Composition;

/// <summary>The daemon put together: pollers, transport, adapters, control socket. Ends everything in the opposite order.</summary>
internal sealed partial class DaemonHost : IAsyncDisposable
{
    private readonly ILogger<DaemonHost> _log;
    private readonly MemfdStateStore _states = new();
    private readonly PollScheduler _scheduler;
    private readonly PollerBalancing _balancing;
    private readonly Uplinks _uplinks = new();
    private readonly VfioUserServer _server;
    private readonly VhostUserServer _vhostServer;
    private readonly SoftwareAdapters _adapters;
    private readonly Operations _operations;
    private readonly ControlServer _control;
    private readonly TaskCompletionSource _stop = new(TaskCreationOptions.RunContinuationsAsynchronously);

    private DaemonHost(DaemonSettings settings, ILoggerFactory logs)
    {
        TimeProvider time = TimeProvider.System;
        _log = logs.CreateLogger<DaemonHost>();
        var events = new EventHub(time);
        events.Subscribe(Log);
        Directory.CreateDirectory(settings.RuntimeDirectory);
        Directory.CreateDirectory(Path.GetDirectoryName(settings.SocketPath)!);
        var file = new DesiredStateFile(settings.StateDirectory);
        var leases = new Leases(settings.StateDirectory);
        DesiredState wanted = settings.ConfigurationFile is { } path
            ? ConfigurationReader.Read(File.ReadAllText(path), path)
            : file.Load();

        EpollSleep[] sleeps = [.. Enumerable.Range(0, settings.PollerCores?.Count ?? settings.Pollers).Select(_ => new EpollSleep())];
        _scheduler = new PollScheduler(sleeps, new PollSettings(settings.SpinMicroseconds), time, OnPollerStart(settings.PollerCores));
        _scheduler.PollableFaulted += OnPollableFaulted;
        _uplinks.UplinkFaulted += (uplink, broken) => ListenerFailed(broken, uplink.Name);
        _server = OpenServer("vfio-user");
        _vhostServer = new VhostUserServer(time, new VhostUserSettings(), sleeps);
        _vhostServer.SocketFaulted += (socket, broken) => SessionFailed(broken, socket.Endpoint.Name);
        _adapters = new SoftwareAdapters(
            new AdapterContext(_scheduler, sleeps, _uplinks, _server, OpenServer, _vhostServer, _states, events, settings.RuntimeDirectory, time,
                new BlockStores(sleeps), settings.StateDirectory, new PollerStatistics(_scheduler, settings.PollerCores)));
        _operations = new Operations(_adapters, file, leases);
        var dispatcher = new ControlDispatcher(logs.CreateLogger<ControlDispatcher>());
        new ControlMethodTable(_operations, new Attachments(_operations, leases), events, settings, time, Stop).Register(dispatcher);
        try
        {
            // The socket comes first: it tells whether another daemon runs, before anything of the host is touched.
            _control = new ControlServer(settings.SocketPath, dispatcher, logs.CreateLogger<ControlServer>());
        }
        catch
        {
            _adapters.Dispose();
            _server.Dispose();
            _vhostServer.Dispose();
            _uplinks.Dispose();
            _scheduler.Dispose();
            throw;
        }

        Report(_operations.Restore(wanted));
        foreach (Lease lease in leases.All)
            LeaseKept(lease.Target, lease);
        _balancing = new PollerBalancing(_scheduler, moved => QueueMoved(moved.Name, moved.PollerIndex));
    }

    /// <summary>Done when somebody asked the daemon to stop.</summary>
    public Task Stopped => _stop.Task;

    /// <summary>
    /// Starts; on return all adapters that could be made are there and the control socket answers. Throws when the configuration is wrong
    /// or another daemon has the socket.
    /// </summary>
    public static DaemonHost Start(DaemonSettings settings, ILoggerFactory logs) => new(settings, logs);

    /// <summary>Asks the daemon to stop. Any thread.</summary>
    public void Stop() => _stop.TrySetResult();

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        _balancing.Dispose();
        await _control.DisposeAsync().ConfigureAwait(false);
        _adapters.Dispose();
        _server.Dispose();
        _vhostServer.Dispose();
        _uplinks.Dispose();
        _scheduler.Dispose();
        _states.Dispose();
    }

    private VfioUserServer OpenServer(string name)
    {
        var server = new VfioUserServer(TimeProvider.System, new VfioUserSettings(), name);
        server.SocketFaulted += (socket, broken) => SessionFailed(broken, socket.Endpoint.Name);
        return server;
    }

    private Action<int>? OnPollerStart(IReadOnlyList<int>? cores) => cores is null ? null : poller =>
    {
        if (!ThreadAffinity.TryPin(cores[poller]))
            PollerNotPinned(poller, cores[poller]);
    };

    private void Report(IReadOnlyList<StepReport> reports)
    {
        foreach (StepReport report in reports.Where(r => r.Outcome == StepOutcome.Failed))
            StepFailed(report.Target, report.Action, report.Error ?? "unknown");
    }

    private void Log(DaemonEvent one)
    {
        LogLevel level = one.Kind is EventKind.FunctionBroken or EventKind.Warned ? LogLevel.Warning : LogLevel.Information;
        Happened(level, one.Target, one.Kind, one.Message);
    }

    private void OnPollableFaulted(PollHandle handle, Exception broken) => PollableStopped(broken, handle.Name);

    [LoggerMessage(Message = "{Target}: {Kind}: {What}")]
    private partial void Happened(LogLevel level, string target, EventKind kind, string what);

    [LoggerMessage(Level = LogLevel.Error, Message = "{Target}: {Action} failed: {Reason}")]
    private partial void StepFailed(string target, string action, string reason);

    [LoggerMessage(Level = LogLevel.Information, Message = "{Target} is as attach gave it: {Lease}; 'softiov detach {Target}' ends it")]
    private partial void LeaseKept(string target, Lease lease);

    [LoggerMessage(Level = LogLevel.Error, Message = "a change of carrier of {Name} could not be followed")]
    private partial void ListenerFailed(Exception broken, string name);

    [LoggerMessage(Level = LogLevel.Error, Message = "{Name} threw while its client was served, and lost the client; the others go on")]
    private partial void SessionFailed(Exception broken, string name);

    [LoggerMessage(Level = LogLevel.Debug, Message = "{Name} moved to poller {Poller}")]
    private partial void QueueMoved(string name, int poller);

    [LoggerMessage(Level = LogLevel.Warning, Message = "poller {Poller} may not run on processor {Core}, and runs where the kernel places it")]
    private partial void PollerNotPinned(int poller, int core);

    [LoggerMessage(Level = LogLevel.Error, Message = "{Name} broke an invariant of its own and was stopped; the others go on")]
    private partial void PollableStopped(Exception broken, string name);
}
