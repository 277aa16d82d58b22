namespace SoftIov.Api;

/// <summary>Ends a capture.</summary>
/// <param name="Capture">Its number on this connection.</param>
public sealed record CaptureStopRequest(int Capture);
