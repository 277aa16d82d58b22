using System.Text.Json;
using Microsoft.Extensions.Logging;
using SoftIov.Api;

namespace SoftIov.Daemon.Control;

/// <summary>Finds the handler of a request and makes its answer; whatever a client sends is answered or closes that client only.</summary>
internal sealed partial class ControlDispatcher(ILogger<ControlDispatcher> log)
{
    private static readonly JsonDocumentOptions Strict = new() { MaxDepth = ControlLimits.Depth, AllowDuplicateProperties = false };
    private static readonly JsonElement NoParameters = JsonDocument.Parse("{}").RootElement;
    private static readonly JsonElement NullId = JsonDocument.Parse("null").RootElement;

    private readonly Dictionary<string, Func<JsonElement, ControlSession, ValueTask<JsonElement>>> _methods = [];

    /// <summary>Serves <paramref name="method"/>.</summary>
    public void On<TRequest, TResult>(
        ControlMethod<TRequest, TResult> method, Func<TRequest, ControlSession, ValueTask<TResult>> handler) =>
        _methods.Add(method.Name, async (parameters, session) =>
        {
            TRequest request = parameters.Deserialize(method.Request)!;
            TResult result = await handler(request, session).ConfigureAwait(false);
            return JsonSerializer.SerializeToElement(result, method.Result);
        });

    /// <summary>Serves <paramref name="method"/> by a handler that answers at once.</summary>
    public void On<TRequest, TResult>(ControlMethod<TRequest, TResult> method, Func<TRequest, TResult> handler) =>
        On(method, (request, _) => ValueTask.FromResult(handler(request)));

    /// <summary>The answer to one line, or null for a notification, which has none.</summary>
    public async ValueTask<RpcMessage?> AnswerAsync(ReadOnlyMemory<byte> line, ControlSession session)
    {
        if (Parse(line, out RpcMessage request) is { } error)
        {
            return Failure(request.Id, error);
        }

        try
        {
            if (!_methods.TryGetValue(request.Method!, out var handler))
            {
                throw new ControlException(ControlErrorCode.MethodNotFound, $"there is no method '{request.Method}'");
            }

            JsonElement result = await handler(request.Params ?? NoParameters, session).ConfigureAwait(false);
            return request.Id is null ? null : new RpcMessage { Jsonrpc = "2.0", Id = request.Id, Result = result };
        }
        catch (Exception failure) when (failure is not OutOfMemoryException and not OperationCanceledException)
        {
            return request.Id is null ? null : Failure(request.Id, ErrorOf(failure, request.Method!));
        }
    }

    /// <summary>The answer to what cannot even be read.</summary>
    public static RpcMessage Failure(JsonElement? id, RpcError error) => new() { Jsonrpc = "2.0", Id = id ?? NullId, Error = error };

    private static RpcError? Parse(ReadOnlyMemory<byte> line, out RpcMessage request)
    {
        request = new RpcMessage();
        try
        {
            using JsonDocument document = JsonDocument.Parse(line, Strict);
            JsonElement root = document.RootElement.Clone();
            if (root.ValueKind == JsonValueKind.Array)
            {
                return new RpcError(ControlErrorCode.InvalidRequest, "batches are not served: send one request per line");
            }

            request = Read(root);
        }
        catch (Exception error) when (error is JsonException or InvalidOperationException)
        {
            // InvalidOperationException: an escape that is no text, as half of a surrogate pair.
            return new RpcError(ControlErrorCode.ParseError, $"not JSON: {error.Message}");
        }

        bool wellFormed = request is { Jsonrpc: "2.0", Method.Length: > 0, Result: null, Error: null } &&
            request.Id is null or { ValueKind: JsonValueKind.Number or JsonValueKind.String } &&
            request.Params is null or { ValueKind: JsonValueKind.Object };
        return wellFormed
            ? null
            : new RpcError(ControlErrorCode.InvalidRequest, "a JSON-RPC 2.0 request has jsonrpc \"2.0\", a method, an id and named params");
    }

    private static RpcMessage Read(JsonElement root)
    {
        try
        {
            return root.Deserialize(ControlJson.Default.RpcMessage) ?? new RpcMessage();
        }
        catch (Exception error) when (error is JsonException or InvalidOperationException)
        {
            return new RpcMessage(); // JSON, but not of this shape: refused as such
        }
    }

    private RpcError ErrorOf(Exception failure, string method)
    {
        switch (failure)
        {
            case ControlException error:
                return new RpcError(error.Code, error.Message, error.Details);
            case JsonException error:
                return new RpcError(ControlErrorCode.InvalidParameters, $"the parameters do not fit {method}: {error.Message}");
            case IOException or UnauthorizedAccessException:
                return new RpcError(ControlErrorCode.HostFailure, failure.Message);
            default:
                MethodFailed(method, failure);
                return new RpcError(ControlErrorCode.InternalError, $"{method} failed: {failure.Message}");
        }
    }

    [LoggerMessage(Level = LogLevel.Error, Message = "{Method} failed")]
    private partial void MethodFailed(string method, Exception failure);
}
