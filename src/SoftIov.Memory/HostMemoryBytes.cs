namespace SoftIov.Memory;

/// <summary>Host memory by the piece: as spans for whoever plays the driver, as segments for whoever copies between it and a guest.</summary>
public static class HostMemoryBytes
{
    /// <summary>Bytes <paramref name="offset"/>..<paramref name="offset"/>+<paramref name="length"/>; not after the memory was disposed.</summary>
    public static unsafe Span<byte> Slice(this IHostMemory memory, long offset, int length)
    {
        Check(memory, offset, length);
        return new Span<byte>((byte*)memory.Address + offset, length);
    }

    /// <summary>As <see cref="Slice"/>, for copies from and to a guest.</summary>
    public static Segment Segment(this IHostMemory memory, long offset, int length)
    {
        Check(memory, offset, length);
        return new Segment(memory.Address + (nint)offset, length);
    }

    private static void Check(IHostMemory memory, long offset, int length)
    {
        ArgumentNullException.ThrowIfNull(memory);
        ArgumentOutOfRangeException.ThrowIfNegative(offset);
        ArgumentOutOfRangeException.ThrowIfNegative(length);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(offset, memory.Length - length);
    }
}
