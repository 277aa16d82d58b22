using System.Runtime.CompilerServices;

namespace SoftIov.Devices.Virtio.Net;

/// <summary>Source and destination address, source and destination port, as they stand in the frame.</summary>
[InlineArray(Length)]
internal struct FlowKeyBytes
{
    /// <summary>Two IPv6 addresses and two ports.</summary>
    public const int Length = 36;

    private byte _first;
}
