namespace SoftIov.Pcie;

/// <summary>MSI-X capability (PCIe 7.7.2). In a VF the BAR index names a VF BAR of the PF.</summary>
internal sealed class MsixCapability(PciFunction function) : Capability
{
    /// <summary>MSI-X Enable.</summary>
    public const ushort Enable = 1 << 15;

    /// <summary>Function Mask.</summary>
    public const ushort FunctionMask = 1 << 14;

    public override ushort Id => 0x11;

    public override int Length => 0x0C;

    public override uint Read(int offset) => offset switch
    {
        0x00 => (uint)(function.Description.MsixVectorCount - 1 | function.Registers.MsixControl) << 16,
        0x04 => function.Description.MsixTableOffset | (uint)function.Description.MsixBar,
        _ => function.Description.MsixPbaOffset | (uint)function.Description.MsixBar,
    };

    public override void Write(int offset, DwordWrite write)
    {
        if (offset != 0)
            return;
        ref ushort control = ref function.Registers.MsixControl;
        control = write.Merge16(control, Enable | FunctionMask, 16);
        function.Msix.ControlChanged();
    }
}
