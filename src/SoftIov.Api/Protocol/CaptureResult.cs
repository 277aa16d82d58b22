namespace SoftIov.Api;

/// <summary>A capture that runs.</summary>
/// <param name="Capture">Its number on this connection.</param>
public sealed record CaptureResult(int Capture);
