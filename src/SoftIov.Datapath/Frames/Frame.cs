namespace SoftIov.Datapath;

/// <summary>
/// One Ethernet frame on its way through the switch. Its head lies here, checked and edited here and delivered from here, so that a sender
/// cannot change what was checked; the rest stays in the sender's buffers as segments of the batch until the one copy to the receiver.
/// </summary>
public struct Frame
{
    /// <summary>First bytes of the frame; they start at <see cref="HeadStart"/>.</summary>
    public FrameHead Head;

    /// <summary>Index of the first byte in <see cref="Head"/>: smaller than the headroom when a tag was pushed.</summary>
    public byte HeadStart;

    /// <summary>Bytes of the frame that lie in <see cref="Head"/>.</summary>
    public byte HeadLength;

    /// <summary>Length of the whole frame in bytes, without FCS.</summary>
    public int Length;

    /// <summary>Work owed to the frame.</summary>
    public FrameOffload Offload;

    /// <summary>RSS hash, when the receiver asked for one; 0 otherwise.</summary>
    public uint Hash;

    internal int FirstSegment;
    internal ushort SegmentCount;
    internal ushort FirstSegmentSkip;

    /// <summary>Destination address.</summary>
    public readonly MacAddress Destination => MacAddress.FromBytes(((ReadOnlySpan<byte>)Head)[HeadStart..]);

    /// <summary>Source address.</summary>
    public readonly MacAddress Source => MacAddress.FromBytes(((ReadOnlySpan<byte>)Head)[(HeadStart + MacAddress.Size)..]);
}
