namespace SoftIov.Pcie;

/// <summary>Register offsets in the SR-IOV capability (PCIe 9.3.3).</summary>
internal static class SriovOffsets
{
    public const int Capabilities = 0x04;
    public const int Control = 0x08;
    public const int InitialVfs = 0x0C;
    public const int TotalVfs = 0x0E;
    public const int NumVfs = 0x10;
    public const int FunctionDependencyLink = 0x12;
    public const int FirstVfOffset = 0x14;
    public const int VfStride = 0x16;
    public const int VfDeviceId = 0x1A;
    public const int SupportedPageSizes = 0x1C;
    public const int SystemPageSize = 0x20;
    public const int VfBars = 0x24;
    public const int VfMigrationStateArray = 0x3C;
    public const int Length = 0x40;
}
