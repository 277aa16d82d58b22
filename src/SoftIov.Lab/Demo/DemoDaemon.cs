using System.Diagnostics;
using SoftIov.Api;
using SoftIov.Lab.TestBed;

namespace SoftIov.Lab.Demo;

/// <summary>A daemon of the demo's own: a child process with sockets and state in the demo's folder, and a connection to it.</summary>
internal sealed class DemoDaemon : IAsyncDisposable
{
    private static readonly TimeSpan StartTimeout = TimeSpan.FromSeconds(60);
    private static readonly TimeSpan StopTimeout = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan Retry = TimeSpan.FromMilliseconds(20);

    private readonly Process _process;
    private readonly Task _logging;

    private DemoDaemon(Process process, string log)
    {
        _process = process;
        _logging = Task.Run(() => LogAsync(process, log));
    }

    /// <summary>The connection.</summary>
    public ControlClient Client { get; private set; } = null!;

    /// <summary>Its process.</summary>
    public int ProcessId => _process.Id;

    /// <summary>Whether it has ended.</summary>
    public bool HasExited => _process.HasExited;

    /// <summary>CPU time it has used, of all its threads; the kernel counts in steps of 10 ms (proc(5), stat).</summary>
    public TimeSpan CpuTime
    {
        get
        {
            _process.Refresh();
            return _process.TotalProcessorTime;
        }
    }

    /// <summary>Starts one and returns when it answers.</summary>
    public static async Task<DemoDaemon> StartAsync(DemoPrograms programs, DemoFolder folder, CancellationToken cancellationToken)
    {
        ProcessStartInfo start = programs.Start(
            DemoPrograms.Daemon,
            "--socket", folder.ControlSocket,
            "--state-dir", folder.State,
            "--runtime-dir", folder.Runtime);
        start.Environment.Remove("NOTIFY_SOCKET");
        var daemon = new DemoDaemon(await ChildProcess.StartAsync(start).ConfigureAwait(false), folder.DaemonLog);
        try
        {
            daemon.Client = await daemon.ConnectAsync(folder, cancellationToken).ConfigureAwait(false);
            return daemon;
        }
        catch
        {
            await daemon.DisposeAsync().ConfigureAwait(false);
            throw;
        }
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        if (Client is { } client)
        {
            await StopAsync(client).ConfigureAwait(false);
            await client.DisposeAsync().ConfigureAwait(false);
        }

        if (!_process.HasExited)
            _process.Kill();
        await _process.WaitForExitAsync().ConfigureAwait(false);
        await _logging.ConfigureAwait(false);
        _process.Dispose();
    }

    private async Task StopAsync(ControlClient client)
    {
        using var limit = new CancellationTokenSource(StopTimeout);
        try
        {
            await client.ShutdownAsync(limit.Token).ConfigureAwait(false);
            await _process.WaitForExitAsync(limit.Token).ConfigureAwait(false);
        }
        catch (Exception error) when (error is ControlException or OperationCanceledException)
        {
            // Ended already, or has to be ended by force.
        }
    }

    private async Task<ControlClient> ConnectAsync(DemoFolder folder, CancellationToken cancellationToken)
    {
        long start = Stopwatch.GetTimestamp();
        while (true)
        {
            try
            {
                return await ControlClient.ConnectAsync(folder.ControlSocket, cancellationToken).ConfigureAwait(false);
            }
            catch (ControlException error)
            {
                if (_process.HasExited)
                    throw new DemoException($"softiovd ended at once with exit code {_process.ExitCode}", $"see {folder.DaemonLog}", error);
                if (Stopwatch.GetElapsedTime(start) > StartTimeout)
                    throw new DemoException("softiovd does not answer", $"see {folder.DaemonLog}", error);
            }

            await Task.Delay(Retry, cancellationToken).ConfigureAwait(false);
        }
    }

    private static async Task LogAsync(Process process, string log)
    {
        await using FileStream file = File.Create(log);
        await process.StandardError.BaseStream.CopyToAsync(file).ConfigureAwait(false);
    }
}
