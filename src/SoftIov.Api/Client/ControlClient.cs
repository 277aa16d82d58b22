using System.Collections.Concurrent;
using System.Net.Sockets;
using System.Text.Json;
using System.Threading.Channels;

namespace SoftIov.Api;

/// <summary>
/// A connection to the daemon's control socket. Calls may overlap. Every call throws <see cref="ControlException"/> when the daemon
/// answers with an error, with <see cref="ControlErrorCode.ConnectionLost"/> when it does not answer.
/// </summary>
public sealed partial class ControlClient : IAsyncDisposable
{
    private readonly LineStream _lines;
    private readonly ConcurrentDictionary<long, TaskCompletionSource<JsonElement>> _pending = new();
    private readonly ConcurrentDictionary<int, Channel<CaptureChunk>> _captures = new();
    private readonly Channel<DaemonEvent> _events = Channel.CreateBounded<DaemonEvent>(
        new BoundedChannelOptions(1024) { FullMode = BoundedChannelFullMode.DropOldest });

    private readonly CancellationTokenSource _closing = new();
    private readonly Task _reading;
    private Exception? _ended;
    private long _lastId;

    private ControlClient(Stream stream)
    {
        _lines = new LineStream(stream, ControlLimits.ResponseBytes);
        _reading = Task.Run(ReadAllAsync);
    }

    /// <summary>Connects to <paramref name="socketPath"/>, or to <see cref="ControlSocket.DefaultPath"/>.</summary>
    public static async Task<ControlClient> ConnectAsync(string? socketPath = null, CancellationToken cancellationToken = default)
    {
        string path = socketPath ?? ControlSocket.DefaultPath;
        var socket = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        try
        {
            await socket.ConnectAsync(new UnixDomainSocketEndPoint(path), cancellationToken).ConfigureAwait(false);
            return new ControlClient(new NetworkStream(socket, ownsSocket: true));
        }
        catch (Exception error) when (error is SocketException or ArgumentException)
        {
            socket.Dispose();
            throw NoDaemon(path, error);
        }
    }

    /// <summary>Calls any method; the named methods below are this one with a name.</summary>
    public async Task<TResult> CallAsync<TRequest, TResult>(
        ControlMethod<TRequest, TResult> method, TRequest request, CancellationToken cancellationToken = default)
    {
        long id = Interlocked.Increment(ref _lastId);
        var answer = new TaskCompletionSource<JsonElement>(TaskCreationOptions.RunContinuationsAsynchronously);
        _pending[id] = answer;
        try
        {
            var message = new RpcMessage
            {
                Jsonrpc = "2.0",
                Id = JsonSerializer.SerializeToElement(id, ControlJson.Default.Int64),
                Method = method.Name,
                Params = JsonSerializer.SerializeToElement(request, method.Request),
            };
            await SendAsync(message, cancellationToken).ConfigureAwait(false);
            if (_ended is { } error)
            {
                throw Lost(error);
            }

            JsonElement result = await answer.Task.WaitAsync(cancellationToken).ConfigureAwait(false);
            return result.Deserialize(method.Result) ?? throw Lost(new JsonException("the result is null"));
        }
        catch (JsonException error)
        {
            string message = $"the daemon's answer to {method.Name} is not understood";
            throw new ControlException(ControlErrorCode.InternalError, message, null, error);
        }
        finally
        {
            _pending.TryRemove(id, out _);
        }
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        await _closing.CancelAsync().ConfigureAwait(false);
        await _lines.DisposeAsync().ConfigureAwait(false);
        await _reading.ConfigureAwait(false);
        _closing.Dispose();
    }

    private static ControlException NoDaemon(string path, Exception error)
    {
        bool refused = error is SocketException { SocketErrorCode: SocketError.AccessDenied };
        string reason = refused || Path.Exists(path) ? error.Message : "there is no such socket";
        string message = $"no daemon answers at {path}: {reason}";
        string fix = refused
            ? "use the daemon's own user, or root"
            : $"start one with 'softiov serve', or name its socket in {ControlSocket.Variable} or by --socket";
        return new ControlException(
            ControlErrorCode.ConnectionLost, message, new ErrorData { Errors = [new ErrorDetail(message, Fix: fix)] }, error);
    }

    private static ControlException Lost(Exception error) =>
        new(ControlErrorCode.ConnectionLost, $"the connection to the daemon ended: {error.Message}", null, error);

    private async Task SendAsync(RpcMessage message, CancellationToken cancellationToken)
    {
        try
        {
            byte[] line = JsonSerializer.SerializeToUtf8Bytes(message, ControlJson.Default.RpcMessage);
            await _lines.WriteLineAsync(line, cancellationToken).ConfigureAwait(false);
        }
        catch (Exception error) when (error is IOException or ObjectDisposedException)
        {
            throw Lost(error);
        }
    }

    private async Task ReadAllAsync()
    {
        Exception end = new EndOfStreamException("the daemon closed it");
        try
        {
            while (await _lines.ReadLineAsync(_closing.Token).ConfigureAwait(false) is { } line)
            {
                await DispatchAsync(JsonSerializer.Deserialize(line.Span, ControlJson.Default.RpcMessage)).ConfigureAwait(false);
            }
        }
        catch (Exception error) when (error is IOException or JsonException or OperationCanceledException or ObjectDisposedException)
        {
            end = error;
        }

        _ended = end;
        foreach (TaskCompletionSource<JsonElement> waiting in _pending.Values)
        {
            waiting.TrySetException(Lost(end));
        }

        _events.Writer.TryComplete(Lost(end));
        foreach (Channel<CaptureChunk> capture in _captures.Values)
        {
            capture.Writer.TryComplete(Lost(end));
        }
    }

    private async ValueTask DispatchAsync(RpcMessage? message)
    {
        switch (message)
        {
            case { Method: ControlMethods.Event, Params: { } parameters }:
                _events.Writer.TryWrite(parameters.Deserialize(ControlJson.Default.DaemonEvent)!);
                break;
            case { Method: ControlMethods.CaptureData, Params: { } parameters }:
                CaptureChunk chunk = parameters.Deserialize(ControlJson.Default.CaptureChunk)!;
                await CaptureChannel(chunk.Capture).Writer.WriteAsync(chunk, _closing.Token).ConfigureAwait(false);
                break;
            case { Id: { ValueKind: JsonValueKind.Number } id } when _pending.TryGetValue(id.GetInt64(), out var answer):
                Complete(answer, message);
                break;
            case { Error: { } error }:
                throw new IOException(error.Message);
        }
    }

    private static void Complete(TaskCompletionSource<JsonElement> answer, RpcMessage message)
    {
        if (message.Error is { } error)
        {
            answer.TrySetException(new ControlException(error.Code, error.Message, error.Data));
        }
        else
        {
            answer.TrySetResult(message.Result ?? default);
        }
    }

    private Channel<CaptureChunk> CaptureChannel(int capture) =>
        _captures.GetOrAdd(capture, static _ => Channel.CreateBounded<CaptureChunk>(64));
}
