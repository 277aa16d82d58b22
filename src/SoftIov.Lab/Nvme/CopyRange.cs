using System.Runtime.InteropServices;

namespace SoftIov.Lab.Nvme;

/// <summary>A source range of Copy as it lies in memory, descriptor format 0 (NVM command set 1.0, Copy).</summary>
[StructLayout(LayoutKind.Explicit, Size = Size)]
public readonly struct CopyRange
{
    /// <summary>Bytes.</summary>
    public const int Size = 32;

    [FieldOffset(8)]
    private readonly ulong _lba;

    [FieldOffset(16)]
    private readonly ushort _blocks;

    /// <summary><paramref name="blocks"/> blocks, 1..65536, from <paramref name="lba"/> on.</summary>
    public CopyRange(ulong lba, int blocks)
    {
        _lba = lba;
        _blocks = (ushort)(blocks - 1);
    }
}
