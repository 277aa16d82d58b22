using System.Buffers.Binary;

namespace SoftIov.Lab.Nvme;

/// <summary>The Identify Namespace data structure (NVM command set 1.0, Identify CNS 00h).</summary>
/// <param name="Bytes">All 4096 bytes.</param>
public sealed record NamespaceIdentity(byte[] Bytes)
{
    private const int FirstFormat = 128;
    private const int FormatLength = 4;

    /// <summary>NSZE, in blocks; 0 when the namespace is not attached.</summary>
    public ulong Size => Read64(0);

    /// <summary>NCAP.</summary>
    public ulong Capacity => Read64(8);

    /// <summary>NUSE.</summary>
    public ulong Utilization => Read64(16);

    /// <summary>NSFEAT.</summary>
    public byte Features => Bytes[24];

    /// <summary>LBA formats, not 0-based.</summary>
    public int FormatCount => Bytes[25] + 1;

    /// <summary>Index of the format in use: FLBAS 3:0 and 6:5.</summary>
    public int Format => (Bytes[26] & 0xF) | ((Bytes[26] >> 1) & 0x30);

    /// <summary>NMIC: bit 0 may be attached to several controllers.</summary>
    public byte Multipath => Bytes[30];

    /// <summary>RESCAP.</summary>
    public byte ReservationCapabilities => Bytes[31];

    /// <summary>DLFEAT.</summary>
    public byte DeallocateFeatures => Bytes[33];

    /// <summary>NGUID.</summary>
    public ReadOnlySpan<byte> Nguid => Bytes.AsSpan(104, 16);

    /// <summary>EUI64.</summary>
    public ReadOnlySpan<byte> Eui64 => Bytes.AsSpan(120, 8);

    /// <summary>Bytes of a block in the format in use.</summary>
    public int BlockLength => BlockLengthOf(Format);

    /// <summary>Bytes of a block in a format (LBADS).</summary>
    public int BlockLengthOf(int format) => 1 << Bytes[FirstFormat + (format * FormatLength) + 2];

    /// <summary>Bytes of metadata of a block in a format (MS).</summary>
    public int MetadataLengthOf(int format) => BinaryPrimitives.ReadUInt16LittleEndian(Bytes.AsSpan(FirstFormat + (format * FormatLength)));

    private ulong Read64(int offset) => BinaryPrimitives.ReadUInt64LittleEndian(Bytes.AsSpan(offset));
}
