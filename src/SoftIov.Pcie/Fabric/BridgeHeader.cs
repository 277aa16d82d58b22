namespace SoftIov.Pcie;

/// <summary>Type 1 header of a root port (PCIe 7.5.1.3): bus numbers and memory windows, no I/O window, no BARs, no pin.</summary>
internal sealed class BridgeHeader(RootPort port) : ConfigBlock
{
    private const uint BridgeHeaderType = 1 << 16;
    private const uint PciBridgeClass = 0x060400;
    private const uint WindowBits = 0xFFF0_FFF0;
    private const uint Is64BitWindow = 0x0001_0001;
    private const uint BusNumberBits = 0x00FF_FFFF;
    private const ushort WritableCommand =
        CommandBits.MemorySpace | CommandBits.BusMaster | CommandBits.ParityErrorResponse | CommandBits.SystemError
        | CommandBits.InterruptDisable;

    /// <summary>Secondary Bus Reset: as long as it is set the link is down and the device in reset.</summary>
    public const ushort SecondaryBusReset = 1 << 6;

    /// <summary>SERR# Enable: error messages go up.</summary>
    public const ushort SystemErrorEnable = 1 << 1;

    private const ushort ParityErrorResponse = 1 << 0;
    private const ushort WritableBridgeControl = SecondaryBusReset | SystemErrorEnable | ParityErrorResponse;

    public override int Length => 0x40;

    public override uint Read(int offset)
    {
        ref BridgeRegisters registers = ref port.Registers;
        return offset switch
        {
            0x00 => RootPort.VendorId | ((uint)RootPort.DeviceId << 16),
            0x04 => registers.Command | ((uint)StatusBits.CapabilitiesList << 16),
            0x08 => PciBridgeClass << 8,
            0x0C => registers.CacheLineSize | BridgeHeaderType,
            0x18 => registers.BusNumbers,
            0x1C => (uint)registers.SecondaryStatus << 16,
            0x20 => registers.MemoryWindow,
            0x24 => registers.PrefetchableWindow | Is64BitWindow,
            0x28 => registers.PrefetchableBaseUpper,
            0x2C => registers.PrefetchableLimitUpper,
            0x3C => registers.InterruptLine | ((uint)registers.BridgeControl << 16),
            _ => 0,
        };
    }

    public override void Write(int offset, DwordWrite write)
    {
        ref BridgeRegisters registers = ref port.Registers;
        switch (offset)
        {
            case 0x04:
                registers.Command = write.Merge16(registers.Command, WritableCommand);
                port.UpstreamChanged();
                break;
            case 0x0C:
                registers.CacheLineSize = (byte)write.Merge(registers.CacheLineSize, 0xFF);
                break;
            case 0x18:
                registers.BusNumbers = write.Merge(registers.BusNumbers, BusNumberBits);
                break;
            case 0x1C:
                lock (port.ErrorGate)
                    registers.SecondaryStatus = write.ClearOnes16(registers.SecondaryStatus, StatusBits.Errors, 16);
                break;
            case 0x20:
                registers.MemoryWindow = write.Merge(registers.MemoryWindow, WindowBits);
                break;
            case 0x24:
                registers.PrefetchableWindow = write.Merge(registers.PrefetchableWindow, WindowBits);
                break;
            case 0x28:
                registers.PrefetchableBaseUpper = write.Merge(registers.PrefetchableBaseUpper, uint.MaxValue);
                break;
            case 0x2C:
                registers.PrefetchableLimitUpper = write.Merge(registers.PrefetchableLimitUpper, uint.MaxValue);
                break;
            case 0x3C:
                WriteInterruptAndControl(ref registers, write);
                break;
        }
    }

    private void WriteInterruptAndControl(ref BridgeRegisters registers, DwordWrite write)
    {
        registers.InterruptLine = (byte)write.Merge(registers.InterruptLine, 0xFF);
        ushort old = registers.BridgeControl;
        registers.BridgeControl = write.Merge16(old, WritableBridgeControl, 16);
        if ((registers.BridgeControl & ~old & SecondaryBusReset) != 0)
            port.ResetLink();
        port.UpstreamChanged();
    }
}
