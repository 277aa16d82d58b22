namespace SoftIov.Pcie;

/// <summary>A stretch of memory space that is handed out upwards.</summary>
internal sealed class MemoryWindow(ulong start, ulong end)
{
    private const ulong BridgeGranularity = 1 << 20;

    private ulong _next = start;

    /// <summary>First address.</summary>
    public ulong Start { get; } = start;

    /// <summary>Last address in use, rounded to what a bridge window can express.</summary>
    public ulong Limit => (_next + BridgeGranularity - 1 & ~(BridgeGranularity - 1)) - 1;

    /// <summary>True when nothing was handed out.</summary>
    public bool IsEmpty => _next == Start;

    /// <summary>Takes <paramref name="size"/> bytes at a multiple of <paramref name="alignment"/>.</summary>
    public bool TryTake(UInt128 size, ulong alignment, out ulong address)
    {
        address = _next + alignment - 1 & ~(alignment - 1);
        if (address < _next || address > end || size > end - address)
            return false;
        _next = address + (ulong)size;
        return true;
    }
}
