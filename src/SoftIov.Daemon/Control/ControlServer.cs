using System.Buffers.Binary;
using System.Net.Sockets;
using Microsoft.Extensions.Logging;
using SoftIov.Api;
using SoftIov.Linux;

namespace SoftIov.Daemon.Control;

/// <summary>
/// Serves the control socket: mode 0600, and only root and the daemon's own user are let in (SO_PEERCRED), so that a socket that somebody
/// made readable is still closed to others.
/// </summary>
internal sealed partial class ControlServer : IAsyncDisposable
{
    private const int SolSocket = 1;
    private const int SoPeerCred = 17;
    private const int UserIdOffset = 4;

    private readonly UnixListener _listener;
    private readonly Socket _socket;
    private readonly ControlDispatcher _dispatcher;
    private readonly ILogger<ControlServer> _log;
    private readonly CancellationTokenSource _stopping = new();
    private readonly HashSet<Task> _sessions = [];
    private readonly Lock _gate = new();
    private readonly Task _accepting;

    /// <summary>Listens at <paramref name="path"/> and answers through <paramref name="dispatcher"/>.</summary>
    public ControlServer(string path, ControlDispatcher dispatcher, ILogger<ControlServer> log)
    {
        _dispatcher = dispatcher;
        _log = log;
        _listener = new UnixListener(path, UnixFileMode.UserRead | UnixFileMode.UserWrite);
        using FileDescriptor duplicate = _listener.Descriptor.Duplicate();
        _socket = new Socket(new SafeSocketHandle(duplicate.DangerousGetHandle(), ownsHandle: true));
        duplicate.SetHandleAsInvalid(); // the socket owns it now
        _accepting = Task.Run(AcceptAsync);
    }

    /// <summary>Where clients connect to.</summary>
    public string Path => _listener.Path;

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        await _stopping.CancelAsync().ConfigureAwait(false);
        await _accepting.ConfigureAwait(false);
        Task[] sessions;
        lock (_gate)
        {
            sessions = [.. _sessions];
        }

        await Task.WhenAll(sessions).ConfigureAwait(false);
        _socket.Dispose();
        _listener.Dispose();
        _stopping.Dispose();
    }

    private async Task AcceptAsync()
    {
        while (!_stopping.IsCancellationRequested)
        {
            try
            {
                Socket client = await _socket.AcceptAsync(_stopping.Token).ConfigureAwait(false);
                Admit(client);
            }
            catch (OperationCanceledException)
            {
                return;
            }
            catch (SocketException error)
            {
                AcceptFailed(error.Message);
                await Task.Delay(TimeSpan.FromMilliseconds(100)).ConfigureAwait(false); // out of descriptors: do not spin
            }
        }
    }

    private void Admit(Socket client)
    {
        uint userId = UserIdOf(client);
        lock (_gate)
        {
            if (userId != 0 && userId != ProcessUser.Id)
            {
                Refused(userId);
                client.Dispose();
            }
            else if (_sessions.Count >= ControlLimits.Connections)
            {
                TooMany(ControlLimits.Connections);
                client.Dispose();
            }
            else
            {
                Task session = Task.Run(() => ServeAsync(client));
                _sessions.Add(session);
                session.ContinueWith(Forget, CancellationToken.None, TaskContinuationOptions.None, TaskScheduler.Default);
            }
        }
    }

    private void Forget(Task session)
    {
        lock (_gate)
        {
            _sessions.Remove(session);
        }
    }

    private async Task ServeAsync(Socket client)
    {
        await using var session = new ControlSession(new NetworkStream(client, ownsSocket: true));
        try
        {
            await session.RunAsync(_dispatcher, _stopping.Token).ConfigureAwait(false);
        }
        catch (Exception error) when (error is IOException or OperationCanceledException)
        {
            SessionEnded(error.Message);
        }
        catch (Exception broken)
        {
            SessionBroken(broken);
        }
    }

    private static uint UserIdOf(Socket client)
    {
        Span<byte> credentials = stackalloc byte[12];
        client.GetRawSocketOption(SolSocket, SoPeerCred, credentials);
        return BinaryPrimitives.ReadUInt32LittleEndian(credentials[UserIdOffset..]);
    }

    [LoggerMessage(Level = LogLevel.Warning, Message = "a connection could not be accepted: {Reason}")]
    private partial void AcceptFailed(string reason);

    [LoggerMessage(Level = LogLevel.Warning, Message = "user {UserId} was refused at the control socket")]
    private partial void Refused(uint userId);

    [LoggerMessage(Level = LogLevel.Warning, Message = "more than {Limit} control connections; one was closed")]
    private partial void TooMany(int limit);

    [LoggerMessage(Level = LogLevel.Error, Message = "a control session broke an invariant and was closed; the others go on")]
    private partial void SessionBroken(Exception broken);

    [LoggerMessage(Level = LogLevel.Debug, Message = "a control session ended: {Reason}")]
    private partial void SessionEnded(string reason);
}
