using System.Runtime.CompilerServices;

namespace SoftIov.Devices.Virtio.Net;

/// <summary>Toeplitz key, padded with zeros.</summary>
[InlineArray(Length)]
internal struct RssKey
{
    public const int Length = Spec.NetConfig.RssKeySize;

    private byte _first;
}
