using System.Net.Sockets;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace SoftIov.Api;

/// <summary>
/// A connection to a QEMU's monitor (QMP): one command at a time. Errors are <see cref="ControlException"/>s with
/// <see cref="ControlErrorCode.Qemu"/> and QEMU's own words.
/// </summary>
public sealed class QmpConnection : IAsyncDisposable
{
    private const int LineBytes = 1 << 24;
    private static readonly TimeSpan AnswerTimeout = TimeSpan.FromSeconds(30);

    private readonly LineStream _lines;
    private readonly Queue<JsonObject> _events = new();

    private QmpConnection(Stream stream) => _lines = new LineStream(stream, LineBytes);

    /// <summary>Connects and leaves the negotiation mode. QEMU serves one client per monitor socket; a second one waits.</summary>
    public static async Task<QmpConnection> ConnectAsync(string path, CancellationToken cancellationToken = default)
    {
        var socket = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        try
        {
            await socket.ConnectAsync(new UnixDomainSocketEndPoint(path), cancellationToken).ConfigureAwait(false);
        }
        catch (Exception error) when (error is SocketException or ArgumentException)
        {
            socket.Dispose();
            throw ControlException.Because(
                ControlErrorCode.Qemu,
                $"no QEMU monitor answers at {path}: {error.Message}",
                "start QEMU with -qmp unix:PATH,server=on,wait=off and name that path");
        }

        var connection = new QmpConnection(new NetworkStream(socket, ownsSocket: true));
        try
        {
            await connection.ReadAsync("greeting", cancellationToken).ConfigureAwait(false);
            await connection.ExecuteAsync("qmp_capabilities", null, cancellationToken).ConfigureAwait(false);
            return connection;
        }
        catch
        {
            await connection.DisposeAsync().ConfigureAwait(false);
            throw;
        }
    }

    /// <summary>Runs a command and returns what it returned.</summary>
    public async Task<JsonNode?> ExecuteAsync(string command, JsonObject? arguments, CancellationToken cancellationToken)
    {
        var request = new JsonObject { ["execute"] = command };
        if (arguments is not null)
        {
            request["arguments"] = arguments;
        }

        try
        {
            byte[] line = Encoding.UTF8.GetBytes(request.ToJsonString());
            await _lines.WriteLineAsync(line, cancellationToken).ConfigureAwait(false);
        }
        catch (IOException error)
        {
            throw Gone(command, error);
        }

        while (true)
        {
            JsonObject message = await ReadAsync(command, cancellationToken).ConfigureAwait(false);
            if (message["error"] is JsonObject error)
            {
                throw new ControlException(ControlErrorCode.Qemu, $"QEMU refused {command}: {error["desc"]}");
            }

            if (message.ContainsKey("return"))
            {
                return message["return"];
            }

            _events.Enqueue(message);
        }
    }

    /// <summary>
    /// Waits for an event of which <paramref name="wanted"/> says true; <see cref="TimeoutException"/> when it does not come.
    /// </summary>
    public async Task<JsonObject> WaitForEventAsync(
        Func<string, JsonObject, bool> wanted, TimeSpan timeout, CancellationToken cancellationToken)
    {
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        limit.CancelAfter(timeout);
        try
        {
            while (true)
            {
                JsonObject message = _events.TryDequeue(out JsonObject? earlier)
                    ? earlier
                    : await ReadLineAsync("an event", limit.Token).ConfigureAwait(false);
                if (message["event"]?.GetValue<string>() is { } name && wanted(name, message["data"] as JsonObject ?? []))
                {
                    return message;
                }
            }
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            throw new TimeoutException();
        }
    }

    /// <inheritdoc/>
    public ValueTask DisposeAsync() => _lines.DisposeAsync();

    private static ControlException Gone(string waitedFor, Exception? inner) =>
        new(ControlErrorCode.Qemu, $"QEMU closed its monitor before it answered ({waitedFor})", null, inner);

    private async Task<JsonObject> ReadAsync(string waitedFor, CancellationToken cancellationToken)
    {
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        limit.CancelAfter(AnswerTimeout);
        try
        {
            return await ReadLineAsync(waitedFor, limit.Token).ConfigureAwait(false);
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            throw ControlException.Because(
                ControlErrorCode.Qemu,
                $"QEMU's monitor did not answer for {AnswerTimeout.TotalSeconds} s ({waitedFor})",
                "another client may hold the monitor; QEMU serves one client per -qmp socket");
        }
    }

    private async Task<JsonObject> ReadLineAsync(string waitedFor, CancellationToken cancellationToken)
    {
        try
        {
            ReadOnlyMemory<byte> line = await _lines.ReadLineAsync(cancellationToken).ConfigureAwait(false) ?? throw Gone(waitedFor, null);
            return JsonNode.Parse(line.Span) as JsonObject ?? throw new JsonException("not an object");
        }
        catch (IOException error)
        {
            throw Gone(waitedFor, error);
        }
        catch (JsonException error)
        {
            throw new ControlException(ControlErrorCode.Qemu, $"what answers is not a QEMU monitor: {error.Message}", null, error);
        }
    }
}
