using System.Buffers.Binary;

namespace SoftIov.Lab.Pci;

/// <summary>Sizes and assigns base address registers as firmware does (PCI 3.0, 6.2.5.1).</summary>
internal static class PciBars
{
    private const int FirstBar = 0x10;
    private const int BarCount = 6;
    private const uint IsIo = 1;
    private const uint TypeMask = 6;
    private const uint Is64 = 4;
    private const ulong WindowBase = 0xE000_0000;

    /// <summary>Gives each memory BAR an address from 3.5 GiB on, aligned to its size.</summary>
    public static void Assign(IPciDevice device)
    {
        ulong next = WindowBase;
        for (int bar = 0; bar < BarCount; bar++)
        {
            int offset = FirstBar + (bar * sizeof(uint));
            uint kind = Read(device, offset);
            if ((kind & IsIo) != 0)
                continue;

            bool isWide = (kind & TypeMask) == Is64;
            ulong size = SizeOf(device, offset, isWide);
            if (size != 0)
            {
                next = (next + size - 1) & ~(size - 1);
                Write(device, offset, (uint)next);
                if (isWide)
                    Write(device, offset + sizeof(uint), (uint)(next >> 32));
                next += size;
            }

            bar += isWide ? 1 : 0;
        }
    }

    private static ulong SizeOf(IPciDevice device, int offset, bool isWide)
    {
        Write(device, offset, uint.MaxValue);
        ulong mask = Read(device, offset) & ~0xFu;
        if (isWide)
        {
            Write(device, offset + sizeof(uint), uint.MaxValue);
            mask |= (ulong)Read(device, offset + sizeof(uint)) << 32;
        }
        else if (mask != 0)
        {
            mask |= 0xFFFF_FFFFUL << 32;
        }

        return ~mask + 1;
    }

    private static uint Read(IPciDevice device, int offset)
    {
        Span<byte> bytes = stackalloc byte[sizeof(uint)];
        device.ReadConfig(offset, bytes);
        return BinaryPrimitives.ReadUInt32LittleEndian(bytes);
    }

    private static void Write(IPciDevice device, int offset, uint value)
    {
        Span<byte> bytes = stackalloc byte[sizeof(uint)];
        BinaryPrimitives.WriteUInt32LittleEndian(bytes, value);
        device.WriteConfig(offset, bytes);
    }
}
