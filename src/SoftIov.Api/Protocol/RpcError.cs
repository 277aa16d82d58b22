namespace SoftIov.Api;

/// <summary>Error object of JSON-RPC 2.0, section 5.1.</summary>
/// <param name="Code">Code.</param>
/// <param name="Message">One sentence.</param>
/// <param name="Data">Details; null when there are none.</param>
public sealed record RpcError(ControlErrorCode Code, string Message, ErrorData? Data = null);
