namespace SoftIov.Memory;

/// <summary>Copies and sums over segments. Positions are byte offsets into the concatenation of the segments; callers stay inside it.</summary>
public static class GuestCopy
{
    /// <summary>Copies bytes from..from+destination.Length of the segments out.</summary>
    public static void Gather(ReadOnlySpan<Segment> source, int from, Span<byte> destination) => throw new NotImplementedException();

    /// <summary>Copies <paramref name="source"/> into the segments from offset <paramref name="to"/> on.</summary>
    public static void Scatter(ReadOnlySpan<byte> source, ReadOnlySpan<Segment> destination, int to) => throw new NotImplementedException();

    /// <summary>Copies <paramref name="length"/> bytes from segments to segments.</summary>
    public static void Copy(ReadOnlySpan<Segment> source, int from, ReadOnlySpan<Segment> destination, int to, int length) =>
        throw new NotImplementedException();

    /// <summary>
    /// Ones' complement sum (RFC 1071) of <paramref name="length"/> bytes, added to <paramref name="seed"/>, not folded to the end nor
    /// complemented: a 16-bit value in network order of the first byte, ready to be added to other sums over even-length parts.
    /// </summary>
    public static ushort Sum(ReadOnlySpan<Segment> source, int from, int length, ushort seed) => throw new NotImplementedException();
}
