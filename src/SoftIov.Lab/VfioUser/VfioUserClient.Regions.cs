using System.Buffers.Binary;

namespace SoftIov.Lab.VfioUser;

/// <content>Configuration space and BARs.</content>
public sealed partial class VfioUserClient
{
    private const int AccessLength = 16;
    private const int SmallAccess = 64;

    /// <summary>Reads configuration space.</summary>
    public void ReadConfig(int offset, Span<byte> destination) => ReadRegion(ClientMessage.ConfigRegion, (ulong)offset, destination);

    /// <summary>Reads a byte of configuration space.</summary>
    public byte ReadConfig8(int offset) => (byte)ReadRegion64(ClientMessage.ConfigRegion, (ulong)offset, sizeof(byte));

    /// <summary>Reads a word of configuration space.</summary>
    public ushort ReadConfig16(int offset) => (ushort)ReadRegion64(ClientMessage.ConfigRegion, (ulong)offset, sizeof(ushort));

    /// <summary>Reads a dword of configuration space.</summary>
    public uint ReadConfig32(int offset) => (uint)ReadRegion64(ClientMessage.ConfigRegion, (ulong)offset, sizeof(uint));

    /// <summary>Writes configuration space.</summary>
    public void WriteConfig(int offset, ReadOnlySpan<byte> source) => WriteRegion(ClientMessage.ConfigRegion, (ulong)offset, source);

    /// <summary>Writes a byte of configuration space.</summary>
    public void WriteConfig8(int offset, byte value) => WriteConfig(offset, [value]);

    /// <summary>Writes a word of configuration space.</summary>
    public void WriteConfig16(int offset, ushort value)
    {
        Span<byte> bytes = stackalloc byte[sizeof(ushort)];
        BinaryPrimitives.WriteUInt16LittleEndian(bytes, value);
        WriteConfig(offset, bytes);
    }

    /// <summary>Writes a dword of configuration space.</summary>
    public void WriteConfig32(int offset, uint value)
    {
        Span<byte> bytes = stackalloc byte[sizeof(uint)];
        BinaryPrimitives.WriteUInt32LittleEndian(bytes, value);
        WriteConfig(offset, bytes);
    }

    /// <summary>REGION_READ.</summary>
    public void ReadRegion(int region, ulong offset, Span<byte> destination)
    {
        Span<byte> payload = stackalloc byte[AccessLength];
        WriteAccess(payload, region, offset, destination.Length);
        ReadOnlySpan<byte> answer = Ask(ClientMessage.RegionRead, payload, default).Payload;
        answer.Slice(AccessLength, destination.Length).CopyTo(destination);
    }

    /// <summary>REGION_READ of <paramref name="length"/> bytes, 8 at most, as a number.</summary>
    public ulong ReadRegion64(int region, ulong offset, int length)
    {
        Span<byte> bytes = stackalloc byte[sizeof(ulong)];
        bytes.Clear();
        ReadRegion(region, offset, bytes[..length]);
        return BinaryPrimitives.ReadUInt64LittleEndian(bytes);
    }

    /// <summary>REGION_WRITE, waiting until it is done.</summary>
    public void WriteRegion(int region, ulong offset, ReadOnlySpan<byte> source)
    {
        int length = AccessLength + source.Length;
        Span<byte> payload = source.Length <= SmallAccess ? stackalloc byte[AccessLength + SmallAccess] : new byte[length];
        payload = payload[..length];
        WriteAccess(payload, region, offset, source.Length);
        source.CopyTo(payload[AccessLength..]);
        Ask(ClientMessage.RegionWrite, payload, default);
    }

    /// <summary>REGION_WRITE of <paramref name="length"/> bytes of a number, 8 at most.</summary>
    public void WriteRegion64(int region, ulong offset, int length, ulong value)
    {
        Span<byte> bytes = stackalloc byte[sizeof(ulong)];
        BinaryPrimitives.WriteUInt64LittleEndian(bytes, value);
        WriteRegion(region, offset, bytes[..length]);
    }

    /// <summary>REGION_WRITE without an answer, as VMMs do with memory BARs: a doorbell.</summary>
    public void PostRegion(int region, ulong offset, ReadOnlySpan<byte> source)
    {
        int length = AccessLength + source.Length;
        Span<byte> payload = source.Length <= SmallAccess ? stackalloc byte[AccessLength + SmallAccess] : new byte[length];
        payload = payload[..length];
        WriteAccess(payload, region, offset, source.Length);
        source.CopyTo(payload[AccessLength..]);
        Post(ClientMessage.RegionWrite, payload);
    }

    /// <summary>As above, with <paramref name="length"/> bytes of a number, 8 at most.</summary>
    public void PostRegion64(int region, ulong offset, int length, ulong value)
    {
        Span<byte> bytes = stackalloc byte[sizeof(ulong)];
        BinaryPrimitives.WriteUInt64LittleEndian(bytes, value);
        PostRegion(region, offset, bytes[..length]);
    }

    /// <summary>REGION_WRITE_MULTI, without an answer.</summary>
    public void PostRegions(ReadOnlySpan<RegionWrite> writes) => Post(ClientMessage.RegionWriteMulti, EncodeWrites(writes));

    /// <summary>REGION_WRITE_MULTI with an answer: how many were done.</summary>
    public ulong WriteRegions(ReadOnlySpan<RegionWrite> writes) =>
        BinaryPrimitives.ReadUInt64LittleEndian(Ask(ClientMessage.RegionWriteMulti, EncodeWrites(writes), default).Payload);

    private static byte[] EncodeWrites(ReadOnlySpan<RegionWrite> writes)
    {
        const int EntryLength = AccessLength + sizeof(ulong);
        byte[] payload = new byte[sizeof(ulong) + EntryLength * writes.Length];
        BinaryPrimitives.WriteInt32LittleEndian(payload, writes.Length);
        for (int i = 0; i < writes.Length; i++)
        {
            Span<byte> entry = payload.AsSpan(sizeof(ulong) + i * EntryLength);
            WriteAccess(entry, writes[i].Region, writes[i].Offset, writes[i].Length);
            BinaryPrimitives.WriteUInt64LittleEndian(entry[AccessLength..], writes[i].Data);
        }

        return payload;
    }

    private static void WriteAccess(Span<byte> payload, int region, ulong offset, int count)
    {
        BinaryPrimitives.WriteUInt64LittleEndian(payload, offset);
        BinaryPrimitives.WriteInt32LittleEndian(payload[8..], region);
        BinaryPrimitives.WriteInt32LittleEndian(payload[12..], count);
    }
}
