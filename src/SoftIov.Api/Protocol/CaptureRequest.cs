namespace SoftIov.Api;

/// <summary>Starts a capture; <see cref="CaptureChunk"/> notifications follow until it is stopped or the connection ends.</summary>
/// <param name="Target"><c>net0/pf</c>, <c>net0/3</c> or <c>net0/uplink</c>.</param>
/// <param name="SnapLengthBytes">Bytes kept of every frame.</param>
public sealed record CaptureRequest(string Target, int SnapLengthBytes = 262144);
