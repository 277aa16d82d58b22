using System.Runtime.CompilerServices;

namespace SoftIov.Devices.Virtio.Net;

/// <summary>Indirection table: receive queue pairs by the low bits of the hash.</summary>
[InlineArray(Length)]
internal struct RssTable
{
    public const int Length = Spec.NetConfig.RssTableLength;

    private ushort _first;
}
