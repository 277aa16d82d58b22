using System.Runtime.InteropServices;
using SoftIov.Devices.Virtio.Spec;

namespace SoftIov.Devices.Virtio.Net;

/// <summary>How receive queues are chosen and hashes made (virtio 1.4, 5.1.6.5.5 to 5.1.6.5.7).</summary>
[StructLayout(LayoutKind.Sequential)]
internal struct SteeringState
{
    /// <summary>Pairs in use, from 1.</summary>
    public int ActivePairs;

    /// <summary>Non-zero: by <see cref="Table"/>; zero: by flow memory.</summary>
    public int UsesRss;
    public HashTypes HashTypes;
    public ushort TableMask;
    public ushort UnclassifiedPair;
    public RssTable Table;
    public RssKey Key;
    public FlowTable Flows;
}
