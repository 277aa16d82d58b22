namespace SoftIov.Pcie;

/// <summary>
/// Header of a VF as the bus shows it (PCIe 9.3.4): IDs read FFFFh, there are no BARs, no ROM and no pin, memory is gated by VF MSE of the
/// PF, and of Command only bus mastering is the VF's own.
/// </summary>
internal sealed class VirtualFunctionHeader(PciFunction function) : ConfigBlock
{
    public override int Length => 0x40;

    public override uint Read(int offset) => offset switch
    {
        0x00 => uint.MaxValue,
        0x04 => (uint)(function.Registers.Command & CommandBits.BusMaster)
            | ((uint)(function.Status & ~StatusBits.Interrupt) << 16),
        0x08 => function.Description.RevisionId | ((uint)function.Description.ClassCode << 8),
        0x2C => function.Description.SubsystemVendorId | ((uint)function.Description.SubsystemId << 16),
        _ => 0,
    };

    public override void Write(int offset, DwordWrite write)
    {
        if (offset != 0x04)
            return;
        ref FunctionRegisters registers = ref function.Registers;
        registers.Command = write.Merge16(registers.Command, CommandBits.BusMaster);
        registers.Status = write.ClearOnes16(registers.Status, StatusBits.Errors, 16);
        function.CommandChanged();
    }
}
