namespace SoftIov.Pcie;

/// <summary>Bits of the SR-IOV Control register (PCIe 9.3.3.3).</summary>
internal static class SriovControlBits
{
    public const ushort VfEnable = 1 << 0;
    public const ushort VfMemorySpaceEnable = 1 << 3;
    public const ushort AriCapableHierarchy = 1 << 4;
}
