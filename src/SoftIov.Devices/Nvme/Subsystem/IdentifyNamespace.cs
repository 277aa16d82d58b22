using System.Buffers.Binary;
using SoftIov.Devices.Nvme.Spec;

namespace SoftIov.Devices.Nvme;

/// <summary>Data structures about one namespace (NVMe 1.4, figures 245 and 248; NVMe 2.0, figure 280). The data are zero before.</summary>
internal static class IdentifyNamespace
{
    /// <summary>All reservation types, persistence, and Ignore Existing Key as of NVMe 1.3.</summary>
    private const byte ReservationCapabilities = 0xFF;

    /// <summary>Identifiers of a namespace are never used again.</summary>
    private const byte UniqueForEver = 8;

    /// <summary>What was deallocated reads as zeroes, and Write Zeroes may deallocate.</summary>
    private const byte DeallocatedReadsZero = 9;

    /// <summary>Identify Namespace (CNS 00h, 11h).</summary>
    public static void Fill(Namespace space, NvmeSubsystem subsystem, Span<byte> data)
    {
        FillFormats(subsystem, data);
        BinaryPrimitives.WriteUInt64LittleEndian(data, space.BlockCount);
        BinaryPrimitives.WriteUInt64LittleEndian(data[8..], space.BlockCount);
        BinaryPrimitives.WriteUInt64LittleEndian(data[16..], space.BlockCount);
        data[26] = (byte)space.Format;
        data[30] = (byte)(space.IsShared ? 1 : 0);
        BinaryPrimitives.WriteInt64LittleEndian(data[48..], space.Capacity);
        FillCopyLimits(TransferLimits.Bytes >> LbaFormat.Shift(space.Format), data);
        data[99] = (byte)(space.Protection == WriteProtection.None ? 0 : 1);
        BinaryPrimitives.WriteUInt128BigEndian(data[104..], space.Nguid);
        BinaryPrimitives.WriteUInt64BigEndian(data[120..], space.Eui64);
    }

    /// <summary>What all namespaces have alike, for NSID FFFFFFFFh.</summary>
    public static void FillFormats(NvmeSubsystem subsystem, Span<byte> data)
    {
        data[24] = UniqueForEver;
        data[25] = LbaFormat.Count - 1;
        data[31] = ReservationCapabilities;
        data[33] = DeallocatedReadsZero;
        for (int format = 0; format < LbaFormat.Count; format++)
        {
            // LBADS 0 marks a format that is not available.
            data[128 + (4 * format) + 2] = (byte)(subsystem.HasFormat(format) ? LbaFormat.Shift(format) : 0);
        }
    }

    /// <summary>I/O Command Set Independent Identify Namespace (CNS 08h).</summary>
    public static void FillIndependent(Namespace space, Span<byte> data)
    {
        data[0] = UniqueForEver;
        data[1] = (byte)(space.IsShared ? 1 : 0);
        data[2] = ReservationCapabilities;
        data[8] = (byte)(space.Protection == WriteProtection.None ? 0 : 1);

        // NSTAT: ready.
        data[14] = 1;
    }

    /// <summary>Namespace Identification Descriptors (CNS 03h): EUI-64, NGUID, UUID, command set.</summary>
    public static void FillDescriptors(Namespace space, Span<byte> data)
    {
        BinaryPrimitives.WriteUInt64BigEndian(NextDescriptor(ref data, 1, sizeof(ulong)), space.Eui64);
        BinaryPrimitives.WriteUInt128BigEndian(NextDescriptor(ref data, 2, 16), space.Nguid);
        space.Uuid.TryWriteBytes(NextDescriptor(ref data, 3, 16), bigEndian: true, out _);

        // The NVM command set is 0.
        NextDescriptor(ref data, 4, 1);
    }

    /// <summary>MSSRL and MCL, in blocks, and MSRC, 0-based: what one Copy may name.</summary>
    private static void FillCopyLimits(int blocks, Span<byte> data)
    {
        BinaryPrimitives.WriteUInt16LittleEndian(data[74..], (ushort)blocks);
        BinaryPrimitives.WriteUInt32LittleEndian(data[76..], (uint)blocks);
        data[80] = IoCommands.MaxCopyRanges - 1;
    }

    private static Span<byte> NextDescriptor(ref Span<byte> data, byte type, byte length)
    {
        data[0] = type;
        data[1] = length;
        Span<byte> value = data.Slice(4, length);
        data = data[(4 + length)..];
        return value;
    }
}
