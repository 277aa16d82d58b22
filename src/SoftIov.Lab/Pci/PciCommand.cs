using System.Buffers.Binary;

namespace SoftIov.Lab.Pci;

/// <summary>The command register (PCIe 7.5.1.1.3).</summary>
public static class PciCommand
{
    private const int Offset = 0x04;
    private const int MemorySpace = 1 << 1;
    private const int BusMaster = 1 << 2;

    /// <summary>Memory Space Enable and Bus Master Enable.</summary>
    public static void Enable(IPciDevice device) => Change(device, MemorySpace | BusMaster, 0);

    /// <summary>Bus Master Enable alone: without it a function neither reads nor writes memory, nor sends interrupts.</summary>
    public static void SetBusMaster(IPciDevice device, bool isOn) => Change(device, isOn ? BusMaster : 0, isOn ? 0 : BusMaster);

    private static void Change(IPciDevice device, int set, int clear)
    {
        ArgumentNullException.ThrowIfNull(device);
        Span<byte> bytes = stackalloc byte[sizeof(ushort)];
        device.ReadConfig(Offset, bytes);
        BinaryPrimitives.WriteUInt16LittleEndian(bytes, (ushort)((BinaryPrimitives.ReadUInt16LittleEndian(bytes) | set) & ~clear));
        device.WriteConfig(Offset, bytes);
    }
}
