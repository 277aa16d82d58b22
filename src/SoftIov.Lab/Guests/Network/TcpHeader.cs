using System.Buffers.Binary;

namespace SoftIov.Lab.Guests;

/// <summary>
/// A TCP header (RFC 9293, 3.1). Options are written with SYN only: a segment size of 1460 bytes and a window scale of 8 (RFC 7323,
/// 2.2). All who speak here say and keep to both, so options that arrive are skipped.
/// </summary>
/// <param name="SourcePort">Port of the sender.</param>
/// <param name="DestinationPort">Port of the receiver.</param>
/// <param name="Sequence">Number of the first byte.</param>
/// <param name="Acknowledgement">Number of the byte the sender waits for.</param>
/// <param name="Flags">Control bits.</param>
/// <param name="Window">The field as it stands: bytes with SYN, units of 256 bytes afterwards.</param>
internal readonly record struct TcpHeader(
    ushort SourcePort, ushort DestinationPort, uint Sequence, uint Acknowledgement, TcpFlags Flags, ushort Window)
{
    /// <summary>Bytes without options.</summary>
    public const int Length = 20;

    /// <summary>Most payload of a segment on the wire.</summary>
    public const int SegmentSize = 1460;

    /// <summary>Bits that the window is shifted by.</summary>
    public const int WindowScale = 8;

    /// <summary>Where the checksum stands.</summary>
    public const int ChecksumOffset = 16;

    private const int WordLength = 4;

    // MSS, a byte of padding, window scale.
    private static ReadOnlySpan<byte> SynOptions => [2, 4, SegmentSize >> 8, SegmentSize & 0xFF, 1, 3, 3, WindowScale];

    /// <summary>Bytes of this header when written.</summary>
    public int WrittenLength => (Flags & TcpFlags.Syn) != 0 ? Length + SynOptions.Length : Length;

    /// <summary>False when the header does not fit into the segment. The checksum is not looked at.</summary>
    public static bool TryRead(ReadOnlySpan<byte> segment, out TcpHeader header, out ReadOnlySpan<byte> payload)
    {
        header = default;
        payload = default;
        if (segment.Length < Length || (segment[12] >> 4) * WordLength is var length && (length < Length || length > segment.Length))
            return false;

        payload = segment[length..];
        header = new TcpHeader(
            BinaryPrimitives.ReadUInt16BigEndian(segment),
            BinaryPrimitives.ReadUInt16BigEndian(segment[2..]),
            BinaryPrimitives.ReadUInt32BigEndian(segment[4..]),
            BinaryPrimitives.ReadUInt32BigEndian(segment[8..]),
            (TcpFlags)segment[13],
            BinaryPrimitives.ReadUInt16BigEndian(segment[14..]));
        return true;
    }

    /// <summary>Writes <see cref="WrittenLength"/> bytes; the checksum is 0.</summary>
    public void Write(Span<byte> segment)
    {
        BinaryPrimitives.WriteUInt16BigEndian(segment, SourcePort);
        BinaryPrimitives.WriteUInt16BigEndian(segment[2..], DestinationPort);
        BinaryPrimitives.WriteUInt32BigEndian(segment[4..], Sequence);
        BinaryPrimitives.WriteUInt32BigEndian(segment[8..], Acknowledgement);
        segment[12] = (byte)(WrittenLength / WordLength << 4);
        segment[13] = (byte)Flags;
        BinaryPrimitives.WriteUInt16BigEndian(segment[14..], Window);
        BinaryPrimitives.WriteUInt32BigEndian(segment[16..], 0);
        if (WrittenLength > Length)
            SynOptions.CopyTo(segment[Length..]);
    }
}
