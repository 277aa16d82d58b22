namespace SoftIov.Pcie;

/// <summary>
/// Type 0 header of an ordinary endpoint (PCIe 7.5.1): a PF in both views, a VF in its assigned view. The views share what the function
/// obeys (bus mastering, errors) and keep apart what is only an address on one side's bus.
/// </summary>
internal sealed class EndpointHeader : ConfigBlock
{
    private const ushort SharedCommand =
        CommandBits.BusMaster | CommandBits.ParityErrorResponse | CommandBits.SystemError | CommandBits.InterruptDisable;

    private const uint MultiFunction = 1u << 23;

    private readonly PciFunction _function;
    private readonly bool _isFabric;
    private readonly bool _isMultiFunction;

    public EndpointHeader(PciFunction function, ConfigView view, bool isMultiFunction)
    {
        _function = function;
        _isFabric = view == ConfigView.Fabric;
        _isMultiFunction = isMultiFunction;
    }

    public override int Length => 0x40;

    private PersonalityDescription Description => _function.Description;

    private ref BarRegisters Bars => ref _isFabric ? ref _function.Fabric.Bars : ref _function.Registers.Bars;

    private ref ushort MemoryEnable => ref _isFabric ? ref _function.Fabric.Command : ref _function.Registers.Command;

    private ref byte CacheLineSize => ref _isFabric ? ref _function.Fabric.CacheLineSize : ref _function.Registers.CacheLineSize;

    private ref byte InterruptLine => ref _isFabric ? ref _function.Fabric.InterruptLine : ref _function.Registers.InterruptLine;

    public override uint Read(int offset) => offset switch
    {
        0x00 => Description.VendorId | ((uint)Description.DeviceId << 16),
        0x04 => Command | ((uint)_function.Status << 16),
        0x08 => Description.RevisionId | ((uint)Description.ClassCode << 8),
        0x0C => CacheLineSize | (_isMultiFunction ? MultiFunction : 0),
        >= 0x10 and < 0x28 => _function.Bars.Read(Bars, (offset - 0x10) >> 2),
        0x2C => Description.SubsystemVendorId | ((uint)Description.SubsystemId << 16),
        0x3C => InterruptLine | ((uint)Description.InterruptPin << 8),
        _ => 0,
    };

    public override void Write(int offset, DwordWrite write)
    {
        switch (offset)
        {
            case 0x04:
                WriteCommandStatus(write);
                break;
            case 0x0C:
                CacheLineSize = (byte)write.Merge(CacheLineSize, 0xFF);
                break;
            case >= 0x10 and < 0x28:
                _function.Bars.Write(ref Bars, (offset - 0x10) >> 2, write);
                break;
            case 0x3C:
                InterruptLine = (byte)write.Merge(InterruptLine, 0xFF);
                break;
        }
    }

    private uint Command => (uint)((_function.Registers.Command & SharedCommand) | (MemoryEnable & CommandBits.MemorySpace));

    private void WriteCommandStatus(DwordWrite write)
    {
        ref FunctionRegisters registers = ref _function.Registers;
        ushort writable = Description.InterruptPin == 0 ? unchecked((ushort)(SharedCommand & ~CommandBits.InterruptDisable)) : SharedCommand;
        MemoryEnable = write.Merge16(MemoryEnable, CommandBits.MemorySpace);
        registers.Command = write.Merge16(registers.Command, writable);
        registers.Status = write.ClearOnes16(registers.Status, StatusBits.Errors, 16);
        _function.CommandChanged();
    }
}
