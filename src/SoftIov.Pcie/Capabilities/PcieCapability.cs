namespace SoftIov.Pcie;

/// <summary>
/// PCI Express capability, version 2, of an endpoint (PCIe 7.5.3). A VF on the fabric follows its PF: all its control registers are
/// reserved but Initiate Function Level Reset, and only its Device Status is its own (PCIe 9.3.5).
/// </summary>
internal sealed class PcieCapability : Capability
{
    /// <summary>Relaxed ordering and no snoop on, 512-byte read requests, 128-byte payload.</summary>
    public const ushort DefaultDeviceControl = 0x2810;

    /// <summary>Target link speed 5 GT/s.</summary>
    public const ushort DefaultLinkControl2 = LinkSpeed;

    /// <summary>Max_Payload_Size of Device Control; a function level reset keeps it (PCIe 6.6.2).</summary>
    public const ushort MaxPayloadMask = 0x00E0;

    private const ushort LinkSpeed = 2;
    private const uint LinkWidth = 16 << 4;
    private const uint Version2Endpoint = 2;

    // 256-byte payload, extended tags, role-based error reporting, function level reset; no phantom functions.
    private const uint DeviceCapabilities = 0x1000_8021;
    private const uint AspmOptionality = 1 << 22;
    private const uint SlotClock = 1 << 12;
    private const uint CompletionTimeoutDisable = 1 << 4;
    private const uint SupportedSpeeds = 0b110;

    private const ushort InitiateFunctionLevelReset = 1 << 15;
    private const ushort WritableDeviceControl = 0x79FF;
    private const ushort WritableLinkControl = 0x00CB;
    private const ushort WritableDeviceControl2 = 0x0010;
    private const ushort WritableLinkControl2 = 0x000F;
    private const ushort TransactionsPending = 1 << 5;

    private readonly PciFunction _function;
    private readonly bool _followsPhysical;
    private readonly Action _functionLevelReset;

    /// <param name="function">The function.</param>
    /// <param name="followsPhysical">True for a VF's fabric view.</param>
    /// <param name="functionLevelReset">What Initiate Function Level Reset does in this view.</param>
    public PcieCapability(PciFunction function, bool followsPhysical, Action functionLevelReset)
    {
        _function = function;
        _followsPhysical = followsPhysical;
        _functionLevelReset = functionLevelReset;
    }

    public override ushort Id => 0x10;

    public override int Length => 0x3C;

    public override uint Read(int offset) => offset switch
    {
        0x00 => Version2Endpoint << 16,
        0x04 => DeviceCapabilities,
        0x08 => Own(_function.Registers.DeviceControl) | ((uint)DeviceStatus << 16),
        0x0C => LinkSpeed | LinkWidth | AspmOptionality,
        0x10 => Own(_function.Registers.LinkControl) | (Own(LinkSpeed | LinkWidth | SlotClock) << 16),
        0x24 => CompletionTimeoutDisable,
        0x28 => Own(_function.Registers.DeviceControl2),
        0x2C => Own(SupportedSpeeds),
        0x30 => Own(_function.Sticky.LinkControl2),
        _ => 0,
    };

    public override void Write(int offset, DwordWrite write)
    {
        ref FunctionRegisters registers = ref _function.Registers;
        if (offset == 0x08)
            registers.DeviceStatus = write.ClearOnes16(registers.DeviceStatus, FunctionErrors.DeviceStatusMask, 16);
        if (!_followsPhysical)
            WriteControls(offset, write, ref registers);
        if (offset == 0x08 && write.Sets(InitiateFunctionLevelReset))
            _functionLevelReset();
    }

    private ushort DeviceStatus =>
        (ushort)(_function.Registers.DeviceStatus | (_function.Personality.TransactionsPending ? TransactionsPending : 0));

    private uint Own(uint value) => _followsPhysical ? 0 : value;

    private void WriteControls(int offset, DwordWrite write, ref FunctionRegisters registers)
    {
        switch (offset)
        {
            case 0x08:
                registers.DeviceControl = write.Merge16(registers.DeviceControl, WritableDeviceControl);
                break;
            case 0x10:
                registers.LinkControl = write.Merge16(registers.LinkControl, WritableLinkControl);
                break;
            case 0x28:
                registers.DeviceControl2 = write.Merge16(registers.DeviceControl2, WritableDeviceControl2);
                break;
            case 0x30:
                _function.Sticky.LinkControl2 = write.Merge16(_function.Sticky.LinkControl2, WritableLinkControl2);
                break;
        }
    }
}
