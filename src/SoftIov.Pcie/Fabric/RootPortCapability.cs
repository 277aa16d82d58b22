namespace SoftIov.Pcie;

/// <summary>
/// PCI Express capability, version 2, of a root port without a slot (PCIe 7.5.3). Its device is always there, so the link is up
/// unless software takes it down.
/// </summary>
internal sealed class RootPortCapability(RootPort port) : Capability
{
    /// <summary>ARI Forwarding Enable in Device Control 2, and its capability bit in Device Capabilities 2.</summary>
    public const ushort AriForwarding = 1 << 5;

    /// <summary>Retry status becomes visible to software as Vendor ID 0001h.</summary>
    public const ushort RetryVisibility = 1 << 4;

    /// <summary>Link Disable in Link Control. Retrain Link beside it does nothing and reads 0: training takes no time here.</summary>
    public const ushort LinkDisable = 1 << 4;

    private const ushort WritableLinkControl2 = 0x000F;
    private const uint Version2RootPort = 0x42;
    private const uint DeviceCapabilities = 0x8001;
    private const uint LinkCapabilities = 0x0050_0102;
    private const uint LinkStatusUp = 0x2102;
    private const uint SlotClock = 0x1000;
    private const uint RetryVisibilityCapable = 1 << 16;

    // Without Extended Tag Field Enable: Device Capabilities have no extended tags.
    private const ushort WritableDeviceControl = 0x78FF;
    private const ushort WritableLinkControl = 0x00C3 | LinkDisable;
    private const ushort WritableRootControl = 0x001F;

    public override ushort Id => 0x10;

    public override int Length => 0x3C;

    public override uint Read(int offset)
    {
        ref BridgeRegisters registers = ref port.Registers;
        return offset switch
        {
            0x00 => Version2RootPort << 16,
            0x04 => DeviceCapabilities,
            0x08 => registers.DeviceControl | ((uint)registers.DeviceStatus << 16),
            0x0C => LinkCapabilities,
            0x10 => registers.LinkControl | ((SlotClock | (port.IsLinkUp ? LinkStatusUp : 0)) << 16),
            0x1C => registers.RootControl | RetryVisibilityCapable,
            0x24 => AriForwarding,
            0x28 => registers.DeviceControl2,
            0x2C => 0b110,
            0x30 => registers.Sticky.LinkControl2,
            _ => 0,
        };
    }

    public override void Write(int offset, DwordWrite write)
    {
        ref BridgeRegisters registers = ref port.Registers;
        switch (offset)
        {
            case 0x08:
                registers.DeviceControl = write.Merge16(registers.DeviceControl, WritableDeviceControl);
                registers.DeviceStatus = write.ClearOnes16(registers.DeviceStatus, FunctionErrors.DeviceStatusMask, 16);
                break;
            case 0x10:
                WriteLinkControl(ref registers, write);
                break;
            case 0x1C:
                registers.RootControl = write.Merge16(registers.RootControl, WritableRootControl);
                break;
            case 0x28:
                registers.DeviceControl2 = write.Merge16(registers.DeviceControl2, AriForwarding);
                break;
            case 0x30:
                registers.Sticky.LinkControl2 = write.Merge16(registers.Sticky.LinkControl2, WritableLinkControl2);
                break;
        }
    }

    private void WriteLinkControl(ref BridgeRegisters registers, DwordWrite write)
    {
        ushort old = registers.LinkControl;
        registers.LinkControl = write.Merge16(old, WritableLinkControl);
        if ((registers.LinkControl & ~old & LinkDisable) != 0)
            port.ResetLink();
        port.UpstreamChanged();
    }
}
