using System.Runtime.InteropServices;

namespace SoftIov.Lab.Nvme;

/// <summary>A range of Dataset Management as it lies in memory (NVM command set 1.0, Dataset Management).</summary>
/// <param name="Attributes">Context attributes.</param>
/// <param name="Blocks">Length in blocks, not 0-based.</param>
/// <param name="Lba">First block.</param>
[StructLayout(LayoutKind.Sequential, Size = Size)]
public readonly record struct BlockRange(uint Attributes, uint Blocks, ulong Lba)
{
    /// <summary>Bytes.</summary>
    public const int Size = 16;
}
