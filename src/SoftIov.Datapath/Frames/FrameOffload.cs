namespace SoftIov.Datapath;

/// <summary>Checksum and segmentation work that a sender left to be done, passed on as metadata (decision D5). Offsets are from the
/// first byte of the Ethernet header, as the frame stands in the sender's buffers plus tags the switch added.</summary>
public struct FrameOffload
{
    /// <summary>The checksum at <see cref="ChecksumStart"/> + <see cref="ChecksumOffset"/> holds the pseudo-header sum only.</summary>
    public bool NeedsChecksum;

    /// <summary>The checksum was verified, or the frame never left this host's memory.</summary>
    public bool ChecksumValid;

    /// <summary>Explicit congestion notification: CWR belongs to the first segment only.</summary>
    public bool Ecn;

    /// <summary>Kind of segmentation owed.</summary>
    public GsoType Gso;

    /// <summary>Length of all headers up to the payload, a hint: checked against the real headers where it matters.</summary>
    public ushort HeaderLength;

    /// <summary>Payload bytes per segment.</summary>
    public ushort GsoSize;

    /// <summary>Where summing starts.</summary>
    public ushort ChecksumStart;

    /// <summary>Where the checksum goes, from <see cref="ChecksumStart"/>.</summary>
    public ushort ChecksumOffset;
}
