namespace SoftIov.Memory;

/// <summary>
/// DMA by messages, for memory that a client mapped without giving a file descriptor. Slow (a round trip per call) and blocking: only
/// pollers of such functions call it, never the thread that serves the client.
/// </summary>
public interface IMessageDma
{
    /// <summary>Reads guest memory; false when the client refused, is gone, or the call was cancelled.</summary>
    bool TryRead(ulong iova, Span<byte> destination);

    /// <summary>Writes guest memory; false when the client refused, is gone, or the call was cancelled.</summary>
    bool TryWrite(ulong iova, ReadOnlySpan<byte> source);

    /// <summary>Fails all calls under way and all that come until <see cref="Resume"/>: whoever waits for their callers does this first.</summary>
    void Suspend();

    /// <summary>Ends a suspension; each has its own end.</summary>
    void Resume();
}
