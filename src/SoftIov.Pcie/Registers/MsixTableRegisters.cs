using System.Runtime.CompilerServices;

namespace SoftIov.Pcie;

/// <summary>The MSI-X table of a function; as many entries as let its whole state share one 4 KiB page.</summary>
[InlineArray(Count)]
internal struct MsixTableRegisters
{
    /// <summary>Most vectors a function of ours can have.</summary>
    public const int Count = 128;

    private MsixEntry _first;
}
