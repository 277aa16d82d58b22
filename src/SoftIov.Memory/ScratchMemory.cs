using System.Runtime.CompilerServices;

namespace SoftIov.Memory;

/// <summary>
/// Memory of our own that does not move: headers made in software, frames read from an uplink. Filled as a span, handed on as segments.
/// Lives as long as somebody refers to the object; segments do not.
/// </summary>
public sealed class ScratchMemory
{
    private readonly byte[] _bytes;

    /// <summary><paramref name="length"/> zeroed bytes.</summary>
    public ScratchMemory(int length)
    {
        _bytes = GC.AllocateArray<byte>(length, pinned: true);
    }

    /// <summary>All bytes.</summary>
    public Span<byte> Span => _bytes;

    /// <summary>Length in bytes.</summary>
    public int Length => _bytes.Length;

    /// <summary>Bytes start..start+length as a segment.</summary>
    public unsafe Segment Segment(int start, int length)
    {
        ref byte first = ref _bytes.AsSpan(start, length).GetPinnableReference();
        return new Segment((nint)Unsafe.AsPointer(ref first), length);
    }
}
