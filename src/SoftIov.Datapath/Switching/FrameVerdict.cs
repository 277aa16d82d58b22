namespace SoftIov.Datapath;

/// <summary>What the sender's policy says of a frame.</summary>
internal enum FrameVerdict : byte
{
    /// <summary>It may pass.</summary>
    Admit,

    /// <summary>Not a frame, or offload work that contradicts its headers.</summary>
    Malformed,

    /// <summary>Longer than the port's MTU allows.</summary>
    TooLong,

    /// <summary>The source address is not the sender's.</summary>
    Spoofed,

    /// <summary>A tag the sender may not use, or none where one is needed.</summary>
    Vlan,

    /// <summary>A link-local group address from a port that is not trusted.</summary>
    Reserved,
}
