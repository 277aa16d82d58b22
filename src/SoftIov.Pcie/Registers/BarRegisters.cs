using System.Runtime.CompilerServices;

namespace SoftIov.Pcie;

/// <summary>Six base address registers as last written; <see cref="BarLayout"/> gives them meaning.</summary>
[InlineArray(BarLayout.Count)]
internal struct BarRegisters
{
    private uint _first;
}
