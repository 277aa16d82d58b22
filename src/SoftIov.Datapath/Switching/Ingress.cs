namespace SoftIov.Datapath;

/// <summary>The sender's policy: which frames pass, and which VLAN they are in.</summary>
internal static class Ingress
{
    /// <summary>01-80-C2-00-00-00 to -0F: pause, LACP, LLDP and their like end at the next bridge (IEEE 802.1Q-2022, 8.6.3).</summary>
    private const ulong ReservedGroup = 0x0180_C200_0000;

    public static bool IsReserved(MacAddress destination) => (destination.Value & ~0xFUL) == ReservedGroup;

    /// <summary>Judges a frame and gives it its tag inside the switch.</summary>
    public static FrameVerdict Admit(FrameBatch batch, int index, Station from)
    {
        ref Frame frame = ref batch[index];
        if (from.SpoofCheck && !from.Owns(frame.Source))
        {
            return FrameVerdict.Spoofed;
        }

        FrameVerdict verdict = Classify(ref frame, from);
        if (verdict != FrameVerdict.Admit)
        {
            return verdict;
        }

        if (!from.Trusted && IsReserved(frame.Destination))
        {
            return FrameVerdict.Reserved;
        }

        if ((frame.Offload.NeedsChecksum || frame.Offload.Gso != GsoType.None) && !OffloadRequest.TryNormalise(batch, index))
        {
            return FrameVerdict.Malformed;
        }

        return FrameSize.Exceeds(in frame, from.MaxLength) ? FrameVerdict.TooLong : FrameVerdict.Admit;
    }

    private static FrameVerdict Classify(ref Frame frame, Station from)
    {
        ushort type = frame.EtherTypeOrTag;
        if (!VlanTag.IsTagProtocol(type))
        {
            frame.Tag = from.PortTag;
            return from.HasPortVlan || from.IsMember(0) ? FrameVerdict.Admit : FrameVerdict.Vlan;
        }

        if (frame.Length < Frame.EthernetHeaderSize + VlanTag.Size)
        {
            return FrameVerdict.Malformed;
        }

        return from.HasPortVlan ? ClassifyBehindPortVlan(ref frame, from, type) : ClassifyTrunk(ref frame, from);
    }

    private static FrameVerdict ClassifyTrunk(ref Frame frame, Station from)
    {
        frame.Tag = frame.PeekTag();
        frame.TagInHead = true;
        return from.IsMember(frame.Tag.Domain) ? FrameVerdict.Admit : FrameVerdict.Vlan;
    }

    /// <summary>
    /// A customer port of a provider bridge keeps the guest's C-tags inside its S-tag. Behind an 802.1Q port VLAN a guest may send priority
    /// tags, whose place the operator's tag takes, and nothing else.
    /// </summary>
    private static FrameVerdict ClassifyBehindPortVlan(ref Frame frame, Station from, ushort type)
    {
        if (type == EtherType.ServiceTag)
        {
            return FrameVerdict.Vlan;
        }

        if (!from.PortTag.IsService)
        {
            if (frame.PeekTag().Vlan != 0)
            {
                return FrameVerdict.Vlan;
            }

            frame.StripTag();
        }

        frame.Tag = from.PortTag;
        return FrameVerdict.Admit;
    }
}
