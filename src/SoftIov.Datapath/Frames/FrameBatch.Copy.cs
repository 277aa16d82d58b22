using System.Buffers.Binary;
using SoftIov.Memory;

namespace SoftIov.Datapath;

/// <content>Where the bytes of frames go.</content>
public sealed partial class FrameBatch
{
    /// <summary>Writes the whole frame: the one copy.</summary>
    public void CopyTo(int index, ref GuestWriter writer)
    {
        ref Frame frame = ref _frames[index];
        writer.Write(((ReadOnlySpan<byte>)frame.Head).Slice(frame.HeadStart, frame.HeadLength));
        if (frame.SegmentCount != 0)
        {
            var tail = new GuestReader(Tail(index));
            tail.CopyTo(ref writer, frame.Length - frame.HeadLength);
        }
    }

    /// <summary>Writes the whole frame into one segment from offset <paramref name="to"/> on: the one copy.</summary>
    public void CopyTo(int index, Segment destination, int to)
    {
        ref Frame frame = ref _frames[index];
        destination.Write(to, ((ReadOnlySpan<byte>)frame.Head).Slice(frame.HeadStart, frame.HeadLength));
        to += frame.HeadLength;
        foreach (Segment part in Tail(index))
        {
            destination.Write(to, part);
            to += part.Length;
        }
    }

    /// <summary>Copies the whole frame into a receiver's buffers from offset <paramref name="to"/> on: the one copy.</summary>
    public void CopyTo(int index, ReadOnlySpan<Segment> destination, int to)
    {
        ref Frame frame = ref _frames[index];
        GuestCopy.Scatter(((ReadOnlySpan<byte>)frame.Head).Slice(frame.HeadStart, frame.HeadLength), destination, to);
        if (frame.SegmentCount != 0)
        {
            GuestCopy.Copy(Tail(index), 0, destination, to + frame.HeadLength, frame.Length - frame.HeadLength);
        }
    }

    /// <summary>Copies part of the frame (bytes from..from+length) into a receiver's buffers: for frames spread over several buffers.</summary>
    public void CopyTo(int index, int from, int length, ReadOnlySpan<Segment> destination, int to)
    {
        ReadOnlySpan<byte> head = Head(index);
        int inHead = Math.Min(length, Math.Max(0, head.Length - from));
        if (inHead > 0)
        {
            GuestCopy.Scatter(head.Slice(from, inHead), destination, to);
        }

        if (length > inHead)
        {
            GuestCopy.Copy(Tail(index), from + inHead - head.Length, destination, to + inHead, length - inHead);
        }
    }

    /// <summary>Copies part of the frame out, for parsing headers and for captures.</summary>
    public void CopyTo(int index, int from, Span<byte> destination)
    {
        ReadOnlySpan<byte> head = Head(index);
        int inHead = Math.Min(destination.Length, Math.Max(0, head.Length - from));
        if (inHead > 0)
        {
            head.Slice(from, inHead).CopyTo(destination);
        }

        if (destination.Length > inHead)
        {
            GuestCopy.Gather(Tail(index), from + inHead - head.Length, destination[inHead..]);
        }
    }

    /// <summary>Ones' complement sum of bytes from..from+length.</summary>
    internal ushort Sum(int index, int from, int length)
    {
        ReadOnlySpan<byte> head = Head(index);
        int inHead = Math.Min(length, Math.Max(0, head.Length - from));
        ushort sum = inHead > 0 ? GuestCopy.Sum(head.Slice(from, inHead), 0) : (ushort)0;
        if (length == inHead)
        {
            return sum;
        }

        ushort tail = GuestCopy.Sum(Tail(index), from + inHead - head.Length, length - inHead, 0);

        // Bytes at odd offsets are the other halves of the words (RFC 1071, 2.B).
        uint both = (uint)sum + ((inHead & 1) == 0 ? tail : BinaryPrimitives.ReverseEndianness(tail));
        return (ushort)((both & ushort.MaxValue) + (both >> 16));
    }
}
