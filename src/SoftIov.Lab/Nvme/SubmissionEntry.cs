using System.Runtime.InteropServices;

namespace SoftIov.Lab.Nvme;

/// <summary>A command as it lies in a submission queue (NVMe base 2.0, 3.3.3.1): the fields that all commands share, and dwords 10 to 15.</summary>
[StructLayout(LayoutKind.Sequential, Size = Size)]
public record struct SubmissionEntry
{
    /// <summary>Bytes.</summary>
    public const int Size = 64;

    /// <summary>OPC. Bit 0: data go to the controller; bit 1: from it.</summary>
    public byte Opcode { get; set; }

    /// <summary>FUSE in bits 1:0, PSDT in 7:6.</summary>
    public byte Flags { get; set; }

    /// <summary>CID.</summary>
    public ushort CommandId { get; set; }

    /// <summary>NSID.</summary>
    public uint NamespaceId { get; set; }

    /// <summary>CDW2.</summary>
    public uint Dword2 { get; set; }

    /// <summary>CDW3.</summary>
    public uint Dword3 { get; set; }

    /// <summary>MPTR.</summary>
    public ulong MetadataPointer { get; set; }

    /// <summary>PRP1, or the first half of an SGL descriptor.</summary>
    public ulong Prp1 { get; set; }

    /// <summary>PRP2, or the second half.</summary>
    public ulong Prp2 { get; set; }

    /// <summary>CDW10.</summary>
    public uint Dword10 { get; set; }

    /// <summary>CDW11.</summary>
    public uint Dword11 { get; set; }

    /// <summary>CDW12.</summary>
    public uint Dword12 { get; set; }

    /// <summary>CDW13.</summary>
    public uint Dword13 { get; set; }

    /// <summary>CDW14.</summary>
    public uint Dword14 { get; set; }

    /// <summary>CDW15.</summary>
    public uint Dword15 { get; set; }

    /// <summary>The same command with its data at <paramref name="data"/>.</summary>
    public readonly SubmissionEntry At(DataPointer data) => this with { Prp1 = data.Prp1, Prp2 = data.Prp2 };

    /// <summary>The same command from another first block on.</summary>
    public readonly SubmissionEntry From(ulong lba) => this with { Dword10 = (uint)lba, Dword11 = (uint)(lba >> 32) };
}
