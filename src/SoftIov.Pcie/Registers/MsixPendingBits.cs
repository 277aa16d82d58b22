using System.Runtime.CompilerServices;

namespace SoftIov.Pcie;

/// <summary>The pending bit array of a function (PCIe 7.7.2.6).</summary>
[InlineArray(MsixTableRegisters.Count / 64)]
internal struct MsixPendingBits
{
    private ulong _first;
}
