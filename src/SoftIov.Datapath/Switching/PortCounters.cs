namespace SoftIov.Datapath;

/// <summary>
/// Counters of one port, from the VF's side: rx is what it received. Plain fields that pollers add to and anyone may read; each field has
/// one writer at a time.
/// </summary>
public sealed class PortCounters
{
#pragma warning disable CA1051 // fields on purpose: hot counters are added to in place
    /// <summary>Frames and bytes delivered to the function.</summary>
    public long RxPackets, RxBytes;

    /// <summary>Frames and bytes sent by the function and let through by policy.</summary>
    public long TxPackets, TxBytes;

    /// <summary>Group frames delivered.</summary>
    public long Multicast, Broadcast;

    /// <summary>Frames lost because the receiver had no buffers, was disconnected or its link was down.</summary>
    public long RxDropped;

    /// <summary>Frames of the function that policy or a malformed request stopped.</summary>
    public long TxDropped;

    /// <summary>Frames stopped by spoofchk; also in <see cref="TxDropped"/>.</summary>
    public long SpoofDropped;

    /// <summary>Frames stopped by VLAN rules; also in <see cref="TxDropped"/>.</summary>
    public long VlanDropped;
#pragma warning restore CA1051
}
