using System.Runtime.CompilerServices;

namespace SoftIov.Devices.Virtio.Net;

/// <summary>One bit per VLAN id.</summary>
[InlineArray(Length)]
internal struct VlanBits
{
    public const int Length = 64;

    private ulong _first;
}
