namespace SoftIov.Datapath;

/// <summary>A sender's request for checksum or segmentation work, held against the headers it is about.</summary>
internal static class OffloadRequest
{
    /// <summary>
    /// Most segments of one frame: 64 KiB in the smallest segments a sane path has. A gso_size of 1 would make a frame 65536.
    /// </summary>
    public const int MaxSegments = 1024;

    /// <summary>What a receiver must accept to get the frame as it is.</summary>
    public static OffloadSet Required(in Frame frame)
    {
        ref readonly FrameOffload offload = ref frame.Offload;
        if (!offload.NeedsChecksum)
        {
            return OffloadSet.None;
        }

        return OffloadSet.Checksum | (offload.Ecn ? OffloadSet.TcpEcn : 0) | offload.Gso switch
        {
            GsoType.TcpV4 => OffloadSet.TcpV4,
            GsoType.TcpV6 => OffloadSet.TcpV6,
            GsoType.UdpL4 => frame.IsUdpOverIPv6 ? OffloadSet.UdpV6 : OffloadSet.UdpV4,
            _ => OffloadSet.None,
        };
    }

    /// <summary>
    /// False when the request cannot be carried out: a checksum outside the headers, segments without a size, headers that are not those of
    /// the kind of segmentation asked for. Corrects the header length, which is a driver's hint.
    /// </summary>
    public static bool TryNormalise(FrameBatch batch, int index)
    {
        ref Frame frame = ref batch[index];
        ref FrameOffload offload = ref frame.Offload;
        int checksumEnd = offload.ChecksumStart + offload.ChecksumOffset + sizeof(ushort);
        if (!offload.NeedsChecksum || offload.ChecksumStart < Frame.EthernetHeaderSize
            || checksumEnd > Math.Min(frame.Length, HeaderLayout.MaxLength))
        {
            return false;
        }

        if (offload.Gso == GsoType.None)
        {
            offload.Ecn = false;
            return true;
        }

        Span<byte> headers = stackalloc byte[HeaderLayout.MaxLength];
        headers = headers[..Math.Min(frame.Length, HeaderLayout.MaxLength)];
        batch.CopyTo(index, 0, headers);
        if (!HeaderLayout.TryParse(headers, out HeaderLayout layout) || !Matches(in offload, in layout))
        {
            return false;
        }

        int payload = frame.Length - layout.Payload;
        offload.HeaderLength = (ushort)layout.Payload;
        offload.Ecn &= layout.IsTcp;
        return payload > 0 && offload.GsoSize > 0 && payload <= (long)offload.GsoSize * MaxSegments;
    }

    private static bool Matches(in FrameOffload offload, in HeaderLayout layout) =>
        offload.ChecksumStart == layout.Transport
        && offload.ChecksumOffset == layout.ChecksumOffset
        && offload.Gso switch
        {
            GsoType.TcpV4 => layout.IsTcp && !layout.IsIPv6,
            GsoType.TcpV6 => layout.IsTcp && layout.IsIPv6,
            GsoType.UdpL4 => !layout.IsTcp,
            _ => false,
        };
}
