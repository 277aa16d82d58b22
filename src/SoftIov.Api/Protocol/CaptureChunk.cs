namespace SoftIov.Api;

/// <summary>A piece of a capture; the pieces together are a pcap file.</summary>
/// <param name="Capture">Which capture.</param>
/// <param name="Data">Bytes of the file.</param>
/// <param name="Dropped">Frames lost so far because the client was too slow.</param>
public sealed record CaptureChunk(int Capture, byte[] Data, long Dropped);
