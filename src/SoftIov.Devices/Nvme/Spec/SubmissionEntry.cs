using System.Runtime.InteropServices;

namespace SoftIov.Devices.Nvme.Spec;

/// <summary>A submission queue entry, 64 bytes (NVMe 2.0, figure 86): a copy of what the host wrote, so that it changes no more.</summary>
[StructLayout(LayoutKind.Explicit, Size = Length)]
internal struct SubmissionEntry
{
    /// <summary>Bytes.</summary>
    public const int Length = 64;

    [FieldOffset(0)]
    public byte Opcode;

    /// <summary>FUSE in bits 1:0, PSDT in bits 7:6.</summary>
    [FieldOffset(1)]
    public byte Flags;

    [FieldOffset(2)]
    public ushort CommandId;

    [FieldOffset(4)]
    public uint NamespaceId;

    [FieldOffset(16)]
    public ulong MetadataPointer;

    [FieldOffset(24)]
    public ulong Prp1;

    [FieldOffset(32)]
    public ulong Prp2;

    [FieldOffset(40)]
    public uint Dword10;

    [FieldOffset(44)]
    public uint Dword11;

    [FieldOffset(48)]
    public uint Dword12;

    [FieldOffset(52)]
    public uint Dword13;

    [FieldOffset(56)]
    public uint Dword14;

    [FieldOffset(60)]
    public uint Dword15;

    /// <summary>Dwords 10 and 11 as one number: the first block of most I/O commands.</summary>
    [FieldOffset(40)]
    public ulong FirstBlock;
}
