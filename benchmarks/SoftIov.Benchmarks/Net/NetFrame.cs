using System.Buffers.Binary;
using SoftIov.Lab.Virtio;

namespace SoftIov.Benchmarks.Net;

/// <summary>The frames of the bench: plain ones of any size, and one of 64 KiB that is a segmentation request for TCP.</summary>
internal static class NetFrame
{
    /// <summary>The size that stands for the segmentation frame.</summary>
    public const int LargeSize = 65536;

    private const int CheckSequence = 4;
    private const int HeadersLength = 54;

    /// <summary>Header and frame from VF <paramref name="from"/> to VF <paramref name="to"/>; a TCP segment when a checksum is asked for.</summary>
    public static byte[] Make(int size, bool asksForChecksum, int from, int to, out FrameHeader header)
    {
        header = default;
        var frame = new byte[size == LargeSize ? size : size - CheckSequence];
        AdapterBed.MacOf(to).CopyTo(frame);
        AdapterBed.MacOf(from).CopyTo(frame.AsSpan(6));
        BinaryPrimitives.WriteUInt16BigEndian(frame.AsSpan(12), 0x0800);
        if (size != LargeSize && !asksForChecksum)
            return frame;

        Span<byte> ip = frame.AsSpan(14);
        ip[0] = 0x45;
        BinaryPrimitives.WriteUInt16BigEndian(ip[2..], (ushort)(frame.Length - 14));
        ip[8] = 64;
        ip[9] = 6;
        ip[32] = 0x50;
        header.Flags = FrameHeader.NeedsChecksum;
        header.ChecksumStart = 34;
        header.ChecksumOffset = 16;
        if (size != LargeSize)
            return frame;

        header.GsoType = FrameHeader.TcpV4;
        header.HeaderLength = HeadersLength;
        header.GsoSize = 1448;
        return frame;
    }
}
