namespace SoftIov.Datapath;

/// <summary>
/// Counters of one port, from the function's side: rx is what it received; named as <c>ip -s link show</c> names a VF's. A frame whose
/// segmentation was passed on as metadata counts once. Several pollers add to them, once per burst; anyone may read.
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

    /// <summary>Frames lost because the receiver had no buffers, was disconnected, its link was down or its MTU too small.</summary>
    public long RxDropped;

    /// <summary>Frames of the function that policy or a malformed request stopped.</summary>
    public long TxDropped;

    /// <summary>Frames stopped by spoofchk; also in <see cref="TxDropped"/>.</summary>
    public long SpoofDropped;

    /// <summary>Frames stopped by VLAN rules; also in <see cref="TxDropped"/>.</summary>
    public long VlanDropped;
#pragma warning restore CA1051

    /// <summary>Counts requests of a driver that never became a frame: a length no frame has, or a header that is not there.</summary>
    public void AddMalformed(int frames) => AddTransmitDrops(frames, 0, 0);

    internal void AddTransmitted(int frames, long bytes)
    {
        Interlocked.Add(ref TxPackets, frames);
        Interlocked.Add(ref TxBytes, bytes);
    }

    internal void AddTransmitDrops(int frames, int spoofed, int vlan)
    {
        Interlocked.Add(ref TxDropped, frames);
        Interlocked.Add(ref SpoofDropped, spoofed);
        Interlocked.Add(ref VlanDropped, vlan);
    }

    internal void AddReceiveDrops(int frames) => Interlocked.Add(ref RxDropped, frames);

    internal void AddReceived(int frames, long bytes, int multicast, int broadcast)
    {
        Interlocked.Add(ref RxPackets, frames);
        Interlocked.Add(ref RxBytes, bytes);
        if (multicast + broadcast != 0)
        {
            Interlocked.Add(ref Multicast, multicast);
            Interlocked.Add(ref Broadcast, broadcast);
        }
    }
}
