namespace SoftIov.Pcie;

/// <summary>What function level and hot resets keep and only a cold reset clears: the AER registers (PCIe 7.8.4, sticky).</summary>
internal struct StickyRegisters
{
    private const uint PointerMask = 0x1F;

    public uint UncorrectableStatus;
    public uint UncorrectableMask;
    public uint UncorrectableSeverity;
    public uint CorrectableStatus;
    public uint CorrectableMask;
    public uint Control;

    /// <summary>Link Control 2.</summary>
    public ushort LinkControl2;

    /// <summary>
    /// First Error Pointer: bit number in <see cref="UncorrectableStatus"/> of the first error that was not masked; bit 0, which is no error,
    /// while there is none.
    /// </summary>
    public int FirstErrorPointer
    {
        readonly get => (int)(Control & PointerMask);
        set => Control = (Control & ~PointerMask) | ((uint)value & PointerMask);
    }

    /// <summary>The pointer is valid as long as the status bit it names is set, and holds so long (PCIe 6.2.4.2).</summary>
    public readonly bool HasFirstError => (UncorrectableStatus & (1u << FirstErrorPointer)) != 0;

    /// <summary>Power-on values.</summary>
    public static StickyRegisters AtPowerOn => new()
    {
        UncorrectableMask = AerCapability.InternalError,
        UncorrectableSeverity = AerCapability.DefaultSeverity,
        CorrectableMask = AerCapability.AdvisoryNonFatal,
        LinkControl2 = PcieCapability.DefaultLinkControl2,
    };
}
