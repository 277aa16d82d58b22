using System.Runtime.CompilerServices;
using SoftIov.Devices.Virtio.Spec;

namespace SoftIov.Devices.Virtio.Net;

/// <summary>An image of the device configuration.</summary>
[InlineArray(NetConfig.Length)]
internal struct NetConfigBytes
{
    private byte _first;
}
