namespace SoftIov.Pcie;

/// <summary>Bits of the Command register (PCIe 7.5.1.1.3).</summary>
internal static class CommandBits
{
    public const ushort MemorySpace = 1 << 1;
    public const ushort BusMaster = 1 << 2;
    public const ushort ParityErrorResponse = 1 << 6;
    public const ushort SystemError = 1 << 8;
    public const ushort InterruptDisable = 1 << 10;
}
