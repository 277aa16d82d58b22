using System.Text.Json;

namespace SoftIov.Api;

/// <summary>
/// Any message of JSON-RPC 2.0 (sections 4 and 5): a request has <see cref="Method"/> and <see cref="Id"/>, a notification only
/// <see cref="Method"/>, a response <see cref="Id"/> and <see cref="Result"/> or <see cref="Error"/>.
/// </summary>
public sealed record RpcMessage
{
    /// <summary>Always <c>2.0</c>.</summary>
    public string? Jsonrpc { get; init; }

    /// <summary>Number or string that names the request.</summary>
    public JsonElement? Id { get; init; }

    /// <summary>Method of a request or notification.</summary>
    public string? Method { get; init; }

    /// <summary>Parameters by name.</summary>
    public JsonElement? Params { get; init; }

    /// <summary>Result of a call that succeeded.</summary>
    public JsonElement? Result { get; init; }

    /// <summary>Why a call failed.</summary>
    public RpcError? Error { get; init; }
}
