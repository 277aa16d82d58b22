using System.Numerics;

namespace SoftIov.Pcie;

/// <summary>MSI capability (PCIe 7.7.1): 64-bit address, per-vector masking, 16 bits of data.</summary>
internal sealed class MsiCapability(PciFunction function) : Capability
{
    /// <summary>MSI Enable.</summary>
    public const ushort Enable = 1 << 0;

    /// <summary>Where Multiple Message Enable is: 3 bits, the logarithm of the vectors that may be used.</summary>
    public const int MultipleMessageEnableShift = 4;

    private const ushort MultipleMessageEnable = 7 << MultipleMessageEnableShift;
    private const int MultipleMessageCapableShift = 1;
    private const uint Is64Bit = 1 << 7;
    private const uint MasksVectors = 1 << 8;
    private const uint AddressBits = 0xFFFF_FFFC;

    private readonly int _count = function.Description.MsiVectorCount;

    public override ushort Id => 0x05;

    public override int Length => 0x18;

    public override uint Read(int offset)
    {
        ref FunctionRegisters registers = ref function.Registers;
        return offset switch
        {
            0x00 => (Is64Bit | MasksVectors | (uint)(BitOperations.Log2((uint)_count) << MultipleMessageCapableShift) | registers.MsiControl) << 16,
            0x04 => registers.MsiAddressLow,
            0x08 => registers.MsiAddressHigh,
            0x0C => registers.MsiData,
            0x10 => registers.MsiMask,
            _ => (uint)Volatile.Read(ref registers.MsiPending),
        };
    }

    public override void Write(int offset, DwordWrite write)
    {
        lock (function.MessageGate)
            Store(offset, write, ref function.Registers);
        if (offset == 0x00)
            function.Msi.ControlChanged();
        else if (offset == 0x10)
            function.Msi.Opened();
    }

    private void Store(int offset, DwordWrite write, ref FunctionRegisters registers)
    {
        switch (offset)
        {
            case 0x00:
                registers.MsiControl = write.Merge16(registers.MsiControl, Enable | MultipleMessageEnable, 16);
                break;
            case 0x04:
                registers.MsiAddressLow = write.Merge(registers.MsiAddressLow, AddressBits);
                break;
            case 0x08:
                registers.MsiAddressHigh = write.Merge(registers.MsiAddressHigh, uint.MaxValue);
                break;
            case 0x0C:
                registers.MsiData = write.Merge16(registers.MsiData, ushort.MaxValue);
                break;
            case 0x10:
                registers.MsiMask = write.Merge(registers.MsiMask, uint.MaxValue >> (32 - _count));
                break;
        }
    }
}
