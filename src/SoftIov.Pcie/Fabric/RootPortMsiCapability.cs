namespace SoftIov.Pcie;

/// <summary>
/// MSI of a root port (PCIe 7.7.1): one vector, 64-bit address, no masking. Port services of an operating system take it for errors; message
/// number 0 is all that the capabilities of the port name.
/// </summary>
internal sealed class RootPortMsiCapability(RootPort port) : Capability
{
    private const ushort Enable = 1 << 0;
    private const ushort Is64Bit = 1 << 7;
    private const uint AddressBits = 0xFFFF_FFFC;

    public override ushort Id => 0x05;

    public override int Length => 0x10;

    public override uint Read(int offset)
    {
        ref BridgeRegisters registers = ref port.Registers;
        return offset switch
        {
            0x00 => (uint)(registers.MsiControl | Is64Bit) << 16,
            0x04 => registers.MsiAddressLow,
            0x08 => registers.MsiAddressHigh,
            _ => registers.MsiData,
        };
    }

    public override void Write(int offset, DwordWrite write)
    {
        lock (port.ErrorGate)
            Write(offset, write, ref port.Registers);
    }

    /// <summary>The message to send, from the port's own routing id; null while MSI is off.</summary>
    public InterruptMessage? Message
    {
        get
        {
            lock (port.ErrorGate)
            {
                ref BridgeRegisters registers = ref port.Registers;
                return (registers.MsiControl & Enable) == 0
                    ? null
                    : new InterruptMessage(port.Id, registers.MsiAddressLow | ((ulong)registers.MsiAddressHigh << 32), registers.MsiData);
            }
        }
    }

    private static void Write(int offset, DwordWrite write, ref BridgeRegisters registers)
    {
        switch (offset)
        {
            case 0x00:
                registers.MsiControl = write.Merge16(registers.MsiControl, Enable, 16);
                break;
            case 0x04:
                registers.MsiAddressLow = write.Merge(registers.MsiAddressLow, AddressBits);
                break;
            case 0x08:
                registers.MsiAddressHigh = write.Merge(registers.MsiAddressHigh, uint.MaxValue);
                break;
            default:
                registers.MsiData = write.Merge16(registers.MsiData, ushort.MaxValue);
                break;
        }
    }
}
