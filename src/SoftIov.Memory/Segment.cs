namespace SoftIov.Memory;

/// <summary>
/// A stretch of host memory that a translation proved to be mapped with the wanted permission. Its bytes may change at any time: it is
/// payload, to be copied, never to be parsed in place. Valid until the poller that obtained it passes its next quiet point.
/// </summary>
public readonly partial struct Segment
{
    internal readonly nint Address;

    /// <summary>Length in bytes.</summary>
    public readonly int Length;

    internal Segment(nint address, int length)
    {
        Address = address;
        Length = length;
    }

    /// <summary>The part that starts <paramref name="start"/> bytes in.</summary>
    public Segment Slice(int start) => new(Address + start, Length - start);

    /// <summary>The part of <paramref name="length"/> bytes that starts <paramref name="start"/> bytes in.</summary>
    public Segment Slice(int start, int length) => new(Address + start, length);
}
