using SoftIov.Datapath;
using SoftIov.Devices.Virtio.Spec;

namespace SoftIov.Devices.Virtio.Net;

/// <summary>
/// Between virtio_net_hdr and the switch's idea of the same work. Only the form is judged here (which fields mean something with the
/// negotiated features); the switch compares the request with the frame's real headers.
/// </summary>
internal static class HeaderTranslation
{
    /// <summary>
    /// The work a transmit header asks for; false when it asks for what was not negotiated or contradicts itself (virtio 1.4, 5.1.6.2).
    /// </summary>
    public static bool TryReadRequest(in NetHeader header, VirtioFeatures features, int frameLength, out FrameOffload offload)
    {
        offload = default;
        bool needsChecksum = (header.Flags & NetHeaderFlags.NeedsCsum) != 0 && (features & VirtioFeatures.Csum) != 0;
        if (needsChecksum)
        {
            if (header.ChecksumStart + header.ChecksumOffset + sizeof(ushort) > frameLength)
                return false;

            offload.NeedsChecksum = true;
            offload.ChecksumStart = header.ChecksumStart;
            offload.ChecksumOffset = header.ChecksumOffset;
        }

        if (header.Gso == GsoType.None)
            return true;

        VirtioFeatures needed = Needed(header.Gso) | (header.Ecn ? VirtioFeatures.HostEcn : 0);
        if (!needsChecksum || header.GsoSize == 0 || needed == VirtioFeatures.None || (features & needed) != needed)
            return false;

        offload.Gso = header.Gso;
        offload.Ecn = header.Ecn;
        offload.GsoSize = header.GsoSize;
        offload.HeaderLength = header.HeaderLength;
        return true;
    }

    /// <summary>The receive header for a frame; false when the receiver switched off what the frame still needs.</summary>
    public static bool TryMakeReceiveHeader(in FrameOffload offload, int frameLength, OffloadSet accepted, out NetHeader header)
    {
        header = new NetHeader { BufferCount = 1 };
        if (offload.NeedsChecksum)
        {
            header.Flags = NetHeaderFlags.NeedsCsum;
            header.ChecksumStart = offload.ChecksumStart;
            header.ChecksumOffset = offload.ChecksumOffset;
            if ((accepted & OffloadSet.Checksum) == 0)
                return false;
        }
        else if (offload.ChecksumValid && (accepted & OffloadSet.Checksum) != 0)
        {
            header.Flags = NetHeaderFlags.DataValid;
        }

        if (offload.Gso == GsoType.None)
            return true;

        header.Gso = offload.Gso;
        header.Ecn = offload.Ecn;
        header.GsoSize = offload.GsoSize;
        header.HeaderLength = (ushort)Math.Min(offload.HeaderLength, frameLength);
        return (accepted & AnyOf(offload.Gso)) != 0 && (!offload.Ecn || (accepted & OffloadSet.TcpEcn) != 0);
    }

    /// <summary>What a driver with these guest offloads takes over.</summary>
    public static OffloadSet Accepted(VirtioFeatures guestOffloads)
    {
        if ((guestOffloads & VirtioFeatures.GuestCsum) == 0)
            return OffloadSet.None;

        OffloadSet accepted = OffloadSet.Checksum;
        accepted |= (guestOffloads & VirtioFeatures.GuestTso4) != 0 ? OffloadSet.TcpV4 : 0;
        accepted |= (guestOffloads & VirtioFeatures.GuestTso6) != 0 ? OffloadSet.TcpV6 : 0;
        accepted |= (guestOffloads & VirtioFeatures.GuestEcn) != 0 ? OffloadSet.TcpEcn : 0;
        accepted |= (guestOffloads & VirtioFeatures.GuestUso4) != 0 ? OffloadSet.UdpV4 : 0;
        accepted |= (guestOffloads & VirtioFeatures.GuestUso6) != 0 ? OffloadSet.UdpV6 : 0;
        return accepted;
    }

    private static VirtioFeatures Needed(GsoType type) => type switch
    {
        GsoType.TcpV4 => VirtioFeatures.HostTso4,
        GsoType.TcpV6 => VirtioFeatures.HostTso6,
        GsoType.UdpL4 => VirtioFeatures.HostUso,
        _ => VirtioFeatures.None,
    };

    private static OffloadSet AnyOf(GsoType type) => type switch
    {
        GsoType.TcpV4 => OffloadSet.TcpV4,
        GsoType.TcpV6 => OffloadSet.TcpV6,
        _ => OffloadSet.UdpV4 | OffloadSet.UdpV6,
    };
}
