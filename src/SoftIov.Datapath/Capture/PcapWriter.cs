using System.Buffers.Binary;

namespace SoftIov.Datapath;

/// <summary>
/// Writes frames in the classic capture format with nanosecond time stamps (draft-ietf-opsawg-pcap, magic A1B23C4Dh), Ethernet link type.
/// </summary>
public sealed class PcapWriter
{
    private const uint NanosecondMagic = 0xA1B2_3C4D;
    private const int FileHeaderSize = 24;
    private const int RecordHeaderSize = 16;
    private const int EthernetLinkType = 1;
    private const long NanosecondsPerSecond = 1_000_000_000;

    private readonly Stream _stream;
    private readonly byte[] _header = new byte[FileHeaderSize];

    /// <summary>Writes the file header. The stream stays the caller's.</summary>
    public PcapWriter(Stream stream, int snapLength)
    {
        _stream = stream;
        BinaryPrimitives.WriteUInt32LittleEndian(_header, NanosecondMagic);
        BinaryPrimitives.WriteUInt16LittleEndian(_header.AsSpan(4), 2);
        BinaryPrimitives.WriteUInt16LittleEndian(_header.AsSpan(6), 4);
        BinaryPrimitives.WriteInt32LittleEndian(_header.AsSpan(16), snapLength);
        BinaryPrimitives.WriteInt32LittleEndian(_header.AsSpan(20), EthernetLinkType);
        stream.Write(_header);
    }

    /// <summary>Appends a frame, of which <paramref name="bytes"/> were captured.</summary>
    public void Write(in CapturedFrame frame, ReadOnlySpan<byte> bytes)
    {
        (long seconds, long nanoseconds) = Math.DivRem(frame.UnixNanoseconds, NanosecondsPerSecond);
        BinaryPrimitives.WriteUInt32LittleEndian(_header, (uint)seconds);
        BinaryPrimitives.WriteUInt32LittleEndian(_header.AsSpan(4), (uint)nanoseconds);
        BinaryPrimitives.WriteInt32LittleEndian(_header.AsSpan(8), bytes.Length);
        BinaryPrimitives.WriteInt32LittleEndian(_header.AsSpan(12), frame.Length);
        _stream.Write(_header.AsSpan(0, RecordHeaderSize));
        _stream.Write(bytes);
    }

    /// <summary>Drains a ring; how many frames it held.</summary>
    public int WriteAll(CaptureRing ring, Span<byte> scratch)
    {
        int count = 0;
        while (ring.TryRead(scratch, out CapturedFrame frame))
        {
            Write(in frame, scratch[..frame.CapturedLength]);
            count++;
        }

        return count;
    }
}
