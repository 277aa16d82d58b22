namespace SoftIov.Pcie;

/// <summary>
/// First VF Offset and VF Stride (PCIe 9.3.3.9 and .10) of one PF among <c>pfCount</c>. VFs of all PFs interleave, so no two ever meet:
/// with ARI, or when all fit in the eight functions of one device, right behind the PFs; otherwise from the next bus on, since without
/// ARI only device 0 of the captured bus can be reached.
/// </summary>
/// <param name="Offset">From the PF's routing id to its first VF's.</param>
/// <param name="Stride">From VF to VF.</param>
internal readonly record struct VfRouting(ushort Offset, ushort Stride)
{
    private const int RoutingIds = 65536;
    private const int FunctionsPerDevice = 8;
    private const ushort NextBus = 0x100;

    /// <summary>Most VFs per PF that have routing ids of their own.</summary>
    public static int Capacity(int pfCount, bool isAri) => isAri ? RoutingIds / pfCount - 1 : (RoutingIds - NextBus) / pfCount;

    /// <summary>The values for <paramref name="numVfs"/> VFs per PF.</summary>
    public static VfRouting For(int pfCount, int numVfs, bool isAri) =>
        new(isAri || pfCount * (numVfs + 1) <= FunctionsPerDevice ? (ushort)pfCount : NextBus, (ushort)pfCount);

    /// <summary>Distance of VF <paramref name="vf"/> (from 0) to its PF's routing id.</summary>
    public ushort Distance(int vf) => (ushort)(Offset + vf * Stride);

    /// <summary>The VF at <paramref name="distance"/> from its PF, if <paramref name="numVfs"/> reach there; -1 otherwise.</summary>
    public int Find(ushort distance, int numVfs)
    {
        int beyondFirst = (ushort)(distance - Offset);
        int vf = beyondFirst / Stride;
        return beyondFirst % Stride == 0 && vf < numVfs ? vf : -1;
    }
}
