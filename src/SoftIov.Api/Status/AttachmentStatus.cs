namespace SoftIov.Api;

/// <summary>A client connected to a function.</summary>
/// <param name="By">Transport: <c>vfio-user</c>.</param>
/// <param name="ProcessId">The client's process.</param>
/// <param name="UserId">The client's user.</param>
/// <param name="Since">When it connected.</param>
/// <param name="MappedBytes">Guest memory it mapped.</param>
/// <param name="Command">The client's command name; null when unknown.</param>
public sealed record AttachmentStatus(
    string By, int ProcessId, int UserId, DateTimeOffset Since, long MappedBytes, string? Command = null);
