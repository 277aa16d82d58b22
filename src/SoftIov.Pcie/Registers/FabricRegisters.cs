namespace SoftIov.Pcie;

/// <summary>
/// What only the fabric view of a PF shows: its place on the bus and its VFs. A reset from the bus clears it; a reset through the
/// assigned view does not, since the client of that view does not own the VFs.
/// </summary>
internal struct FabricRegisters
{
    /// <summary>Memory Space Enable.</summary>
    public ushort Command;

    /// <summary>Cache line size.</summary>
    public byte CacheLineSize;

    /// <summary>Interrupt line.</summary>
    public byte InterruptLine;

    /// <summary>PMCSR.</summary>
    public ushort PowerControl;

    /// <summary>BARs in the address space of the bus.</summary>
    public BarRegisters Bars;

    /// <summary>The SR-IOV capability.</summary>
    public SriovRegisters Sriov;

    /// <summary>Power-on values.</summary>
    public static FabricRegisters AtPowerOn => new() { Sriov = SriovRegisters.AtPowerOn };
}
