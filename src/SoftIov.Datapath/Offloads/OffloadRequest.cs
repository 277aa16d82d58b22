namespace SoftIov.Datapath;

/// <summary>A sender's request for checksum or segmentation work, held against the headers it is about.</summary>
internal static class OffloadRequest
{
    /// <summary>What a receiver must accept to get the frame as it is.</summary>
    public static OffloadSet Required(in Frame frame)
    {
        ref readonly FrameOffload offload = ref frame.Offload;
        if (!offload.NeedsChecksum && offload.Gso == GsoType.None)
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

    public static bool TryNormalise(FrameBatch batch, int index) => batch.Count > index;
}
