using System.Runtime.CompilerServices;

namespace SoftIov.Devices.Virtio.Net;

/// <summary>Automatic steering: by the low bits of a flow's hash, the pair it was last sent on plus 1, or 0.</summary>
[InlineArray(Length)]
internal struct FlowTable
{
    public const int Length = 256;

    private byte _first;
}
