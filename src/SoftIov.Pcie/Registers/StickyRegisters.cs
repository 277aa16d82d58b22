namespace SoftIov.Pcie;

/// <summary>What function level and hot resets keep and only a cold reset clears: the AER registers (PCIe 7.8.4, sticky).</summary>
internal struct StickyRegisters
{
    public uint UncorrectableStatus;
    public uint UncorrectableMask;
    public uint UncorrectableSeverity;
    public uint CorrectableStatus;
    public uint CorrectableMask;
    public uint Control;

    /// <summary>Link Control 2.</summary>
    public ushort LinkControl2;

    /// <summary>Power-on values.</summary>
    public static StickyRegisters AtPowerOn => new()
    {
        UncorrectableMask = AerCapability.InternalError,
        UncorrectableSeverity = AerCapability.DefaultSeverity,
        CorrectableMask = AerCapability.AdvisoryNonFatal,
        LinkControl2 = PcieCapability.DefaultLinkControl2,
    };
}
