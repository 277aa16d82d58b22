namespace SoftIov.Pcie;

/// <summary>The writable registers of an SR-IOV capability (PCIe 9.3.3).</summary>
internal struct SriovRegisters
{
    public ushort Control;
    public ushort NumVfs;
    public uint SystemPageSize;
    public BarRegisters VfBars;

    /// <summary>Power-on values: everything off, System Page Size 4 KiB.</summary>
    public static SriovRegisters AtPowerOn => new() { SystemPageSize = 1 };
}
