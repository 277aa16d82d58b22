using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using System.Threading.Channels;
using SoftIov.Api;

namespace SoftIov.Daemon.Control;

/// <summary>
/// One client of the control socket. Requests are answered in order. What goes out waits in one bounded queue: a client that does not read
/// loses events, and holds up nobody but itself.
/// </summary>
internal sealed class ControlSession(Stream stream) : IAsyncDisposable
{
    private const int QueueLength = 256;

    private readonly LineStream _lines = new(stream, ControlLimits.RequestBytes);
    private readonly Dictionary<int, IAsyncDisposable> _owned = [];
    private readonly Channel<(byte[] Line, Action? Sent)> _outgoing = Channel.CreateBounded<(byte[] Line, Action? Sent)>(QueueLength);
    private int _lastOwned;

    /// <summary>Done once the answer under way was sent: what would cut it off if done earlier.</summary>
    public Action? AfterAnswer { get; set; }

    /// <summary>Answers until the client leaves.</summary>
    public async Task RunAsync(ControlDispatcher dispatcher, CancellationToken cancellationToken)
    {
        Task sending = SendAllAsync(cancellationToken);
        try
        {
            while (await _lines.ReadLineAsync(cancellationToken).ConfigureAwait(false) is { } line)
            {
                if (await dispatcher.AnswerAsync(line, this).ConfigureAwait(false) is { } answer)
                {
                    await AnswerAsync(answer, cancellationToken).ConfigureAwait(false);
                }
            }
        }
        catch (LineTooLongException error)
        {
            var refusal = new RpcError(ControlErrorCode.ParseError, error.Message);
            await AnswerAsync(ControlDispatcher.Failure(null, refusal), cancellationToken).ConfigureAwait(false);
        }
        catch (ChannelClosedException)
        {
            // the sending side saw the client go
        }
        finally
        {
            _outgoing.Writer.TryComplete();
            await sending.ConfigureAwait(false);
        }
    }

    /// <summary>Queues a notification; false when the client is too slow and misses it. Any thread.</summary>
    public bool Notify<T>(string method, T parameters, JsonTypeInfo<T> type) =>
        _outgoing.Writer.TryWrite((Encode(method, parameters, type), null));

    /// <summary>Queues a notification and waits for room; nothing when the client is gone.</summary>
    public async ValueTask NotifyAsync<T>(string method, T parameters, JsonTypeInfo<T> type)
    {
        try
        {
            await _outgoing.Writer.WriteAsync((Encode(method, parameters, type), null)).ConfigureAwait(false);
        }
        catch (ChannelClosedException)
        {
            // nobody wants it any more
        }
    }

    /// <summary>Number of the next thing to own.</summary>
    public int NextNumber() => ++_lastOwned;

    /// <summary>Ties something to the session: it goes when the session goes.</summary>
    public void Own(int number, IAsyncDisposable what) => _owned.Add(number, what);

    /// <summary>Ends something the session owns; false when there is no such thing.</summary>
    public async ValueTask<bool> EndAsync(int number)
    {
        if (!_owned.Remove(number, out IAsyncDisposable? what))
        {
            return false;
        }

        await what.DisposeAsync().ConfigureAwait(false);
        return true;
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        foreach (IAsyncDisposable what in _owned.Values)
        {
            await what.DisposeAsync().ConfigureAwait(false);
        }

        await _lines.DisposeAsync().ConfigureAwait(false);
    }

    private static byte[] Encode<T>(string method, T parameters, JsonTypeInfo<T> type)
    {
        JsonElement element = JsonSerializer.SerializeToElement(parameters, type);
        return JsonSerializer.SerializeToUtf8Bytes(
            new RpcMessage { Jsonrpc = "2.0", Method = method, Params = element }, ControlJson.Default.RpcMessage);
    }

    private ValueTask AnswerAsync(RpcMessage message, CancellationToken cancellationToken)
    {
        byte[] line = JsonSerializer.SerializeToUtf8Bytes(message, ControlJson.Default.RpcMessage);
        Action? after = AfterAnswer;
        AfterAnswer = null;
        return _outgoing.Writer.WriteAsync((line, after), cancellationToken);
    }

    private async Task SendAllAsync(CancellationToken cancellationToken)
    {
        try
        {
            await foreach ((byte[] line, Action? sent) in _outgoing.Reader.ReadAllAsync(cancellationToken).ConfigureAwait(false))
            {
                await _lines.WriteLineAsync(line, cancellationToken).ConfigureAwait(false);
                sent?.Invoke();
            }
        }
        catch (Exception error) when (error is IOException or OperationCanceledException or ObjectDisposedException)
        {
            _outgoing.Writer.TryComplete(); // the client is gone; the reading side ends the session
        }
    }
}
