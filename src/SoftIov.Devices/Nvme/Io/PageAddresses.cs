using System.Runtime.CompilerServices;

namespace SoftIov.Devices.Nvme;

/// <summary>Addresses of the pieces of one transfer.</summary>
[InlineArray(PrpList.Capacity)]
internal struct PageAddresses
{
    private ulong _first;
}
