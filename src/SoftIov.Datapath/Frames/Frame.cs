using System.Buffers.Binary;

namespace SoftIov.Datapath;

/// <summary>
/// One Ethernet frame on its way through the switch. Its head lies here, checked and edited here and delivered from here, so that a sender
/// cannot change what was checked; the rest stays in the sender's buffers as segments of the batch until the one copy to the receiver.
/// </summary>
public struct Frame
{
    /// <summary>Length of an Ethernet header without tags.</summary>
    public const int EthernetHeaderSize = 14;

    private const int AddressesSize = 2 * MacAddress.Size;

    /// <summary>First bytes of the frame; they start at <see cref="HeadStart"/>.</summary>
    public FrameHead Head;

    /// <summary>Index of the first byte in <see cref="Head"/>: smaller than the headroom when a tag was pushed.</summary>
    public byte HeadStart;

    /// <summary>Bytes of the frame that lie in <see cref="Head"/>.</summary>
    public byte HeadLength;

    internal ushort SegmentCount;
    internal ushort FirstSegment;

    /// <summary>Whether <see cref="Tag"/> stands in the head just now, rather than beside it.</summary>
    internal bool TagInHead;

    /// <summary>Length of the whole frame in bytes, without FCS.</summary>
    public int Length;

    /// <summary>Work owed to the frame.</summary>
    public FrameOffload Offload;

    /// <summary>RSS hash, when the receiver asked for one; 0 otherwise.</summary>
    public uint Hash;

    /// <summary>The outermost VLAN tag the frame has inside the switch, be it written into the head or not.</summary>
    internal VlanTag Tag;

    /// <summary>Destination address. No edit of the head changes it.</summary>
    public MacAddress Destination { readonly get; private set; }

    /// <summary>Source address. No edit of the head changes it.</summary>
    public MacAddress Source { readonly get; private set; }

    /// <summary>The two bytes after the addresses: a type, a length or the protocol of a tag.</summary>
    public readonly ushort EtherTypeOrTag => BinaryPrimitives.ReadUInt16BigEndian(((ReadOnlySpan<byte>)Head).Slice(HeadStart + AddressesSize, 2));

    /// <summary>Takes the addresses out of the head, which has just been filled.</summary>
    internal void ReadAddresses()
    {
        ReadOnlySpan<byte> head = ((ReadOnlySpan<byte>)Head).Slice(FrameHead.Headroom, EthernetHeaderSize);
        Destination = new MacAddress(BinaryPrimitives.ReadUInt64BigEndian(head) >> 16);
        Source = new MacAddress(BinaryPrimitives.ReadUInt64BigEndian(head[MacAddress.Size..]) >> 16);
    }

    /// <summary>Writes a tag behind the addresses. At most two fit (<see cref="FrameHead.Headroom"/>).</summary>
    public void PushTag(VlanTag tag)
    {
        Span<byte> head = Head;
        head.Slice(HeadStart, AddressesSize).CopyTo(head[(HeadStart - VlanTag.Size)..]);
        HeadStart -= VlanTag.Size;
        BinaryPrimitives.WriteUInt32BigEndian(head[(HeadStart + AddressesSize)..], tag.Value);
        Grow(VlanTag.Size);
    }

    /// <summary>Takes the tag behind the addresses off and returns it. Only for frames that have one.</summary>
    public VlanTag StripTag()
    {
        Span<byte> head = Head;
        var tag = new VlanTag(BinaryPrimitives.ReadUInt32BigEndian(head[(HeadStart + AddressesSize)..]));
        head.Slice(HeadStart, AddressesSize).CopyTo(head[(HeadStart + VlanTag.Size)..]);
        HeadStart += VlanTag.Size;
        Grow(-VlanTag.Size);
        return tag;
    }

    /// <summary>The tag behind the addresses, which the caller knows to be there.</summary>
    internal readonly VlanTag PeekTag() =>
        new(BinaryPrimitives.ReadUInt32BigEndian(((ReadOnlySpan<byte>)Head).Slice(HeadStart + AddressesSize, VlanTag.Size)));

    /// <summary>Tags that stand in the head one after the other, at most three.</summary>
    internal readonly int CountTagsInHead()
    {
        ReadOnlySpan<byte> head = ((ReadOnlySpan<byte>)Head).Slice(HeadStart, HeadLength);
        int tags = 0;
        int at = AddressesSize;
        while (tags < 3 && at + VlanTag.Size <= head.Length && VlanTag.IsTagProtocol(BinaryPrimitives.ReadUInt16BigEndian(head[at..])))
        {
            tags++;
            at += VlanTag.Size;
        }

        return tags;
    }

    /// <summary>Whether the type behind all tags is IPv6; asked of frames with UDP segmentation, which are one or the other.</summary>
    internal readonly bool IsUdpOverIPv6
    {
        get
        {
            int at = HeadStart + AddressesSize + (VlanTag.Size * CountTagsInHead());
            return BinaryPrimitives.ReadUInt16BigEndian(((ReadOnlySpan<byte>)Head)[at..]) == EtherType.IPv6;
        }
    }

    /// <summary>Brings the outermost tag into the head or out of it, as the next receiver wants to see it.</summary>
    internal void ShowTag(bool show)
    {
        if (show == TagInHead || !Tag.IsPresent)
        {
            return;
        }

        if (show)
        {
            PushTag(Tag);
        }
        else
        {
            StripTag();
        }

        TagInHead = show;
    }

    private void Grow(int bytes)
    {
        HeadLength = (byte)(HeadLength + bytes);
        Length += bytes;
        if (Offload.NeedsChecksum || Offload.Gso != GsoType.None)
        {
            Offload.ChecksumStart = (ushort)(Offload.ChecksumStart + bytes);
            Offload.HeaderLength = (ushort)(Offload.HeaderLength + bytes);
        }
    }
}
