using System.Runtime.CompilerServices;

namespace SoftIov.Devices.Virtio.Net;

/// <summary>Addresses of a MAC filter table.</summary>
[InlineArray(Length)]
internal struct MacAddresses
{
    public const int Length = 64;

    private ulong _first;
}
