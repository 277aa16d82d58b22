namespace SoftIov.Memory;

/// <summary>Host memory as spans, for whoever plays the driver: tests, benches, the lab.</summary>
public static class HostMemoryBytes
{
    /// <summary>Bytes <paramref name="offset"/>..<paramref name="offset"/>+<paramref name="length"/>; not after the memory was disposed.</summary>
    public static unsafe Span<byte> Slice(this IHostMemory memory, long offset, int length)
    {
        ArgumentNullException.ThrowIfNull(memory);
        ArgumentOutOfRangeException.ThrowIfNegative(offset);
        ArgumentOutOfRangeException.ThrowIfNegative(length);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(offset, memory.Length - length);
        return new Span<byte>((byte*)memory.Address + offset, length);
    }
}
