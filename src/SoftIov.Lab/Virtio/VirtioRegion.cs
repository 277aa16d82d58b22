using System.Buffers.Binary;
using SoftIov.Lab.Pci;

namespace SoftIov.Lab.Virtio;

/// <summary>A structure of the virtio PCI transport in a BAR, as its capability describes it (virtio 1.4, 4.1.4).</summary>
/// <param name="Device">The function.</param>
/// <param name="Bar">BAR 0..5.</param>
/// <param name="Offset">First byte in the BAR.</param>
/// <param name="Length">Bytes.</param>
/// <param name="Multiplier">notify_off_multiplier, for the notification structure.</param>
public sealed record VirtioRegion(IPciDevice Device, int Bar, ulong Offset, uint Length, uint Multiplier)
{
    /// <summary>Reads bytes.</summary>
    public void Read(int offset, Span<byte> destination) => Device.ReadBar(Bar, Offset + (uint)offset, destination);

    /// <summary>Reads one byte.</summary>
    public byte Read8(int offset)
    {
        Span<byte> bytes = stackalloc byte[1];
        Read(offset, bytes);
        return bytes[0];
    }

    /// <summary>Reads 16 bits.</summary>
    public ushort Read16(int offset)
    {
        Span<byte> bytes = stackalloc byte[sizeof(ushort)];
        Read(offset, bytes);
        return BinaryPrimitives.ReadUInt16LittleEndian(bytes);
    }

    /// <summary>Reads 32 bits.</summary>
    public uint Read32(int offset)
    {
        Span<byte> bytes = stackalloc byte[sizeof(uint)];
        Read(offset, bytes);
        return BinaryPrimitives.ReadUInt32LittleEndian(bytes);
    }

    /// <summary>Writes bytes.</summary>
    public void Write(int offset, ReadOnlySpan<byte> source) => Device.WriteBar(Bar, Offset + (uint)offset, source);

    /// <summary>Writes one byte.</summary>
    public void Write8(int offset, byte value) => Write(offset, [value]);

    /// <summary>Writes 16 bits.</summary>
    public void Write16(int offset, ushort value)
    {
        Span<byte> bytes = stackalloc byte[sizeof(ushort)];
        BinaryPrimitives.WriteUInt16LittleEndian(bytes, value);
        Write(offset, bytes);
    }

    /// <summary>Writes 32 bits.</summary>
    public void Write32(int offset, uint value)
    {
        Span<byte> bytes = stackalloc byte[sizeof(uint)];
        BinaryPrimitives.WriteUInt32LittleEndian(bytes, value);
        Write(offset, bytes);
    }

    /// <summary>Writes 64 bits as drivers do: low half, high half.</summary>
    public void Write64(int offset, ulong value)
    {
        Write32(offset, (uint)value);
        Write32(offset + sizeof(uint), (uint)(value >> 32));
    }
}
