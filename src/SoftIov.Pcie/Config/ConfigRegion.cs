namespace SoftIov.Pcie;

/// <summary>A block placed in configuration space.</summary>
/// <param name="Start">Offset of its first byte.</param>
/// <param name="Block">The block.</param>
/// <param name="ListHeader">What the list header reads at offset 0.</param>
/// <param name="ListHeaderMask">Bits of the dword at offset 0 that are list header.</param>
internal readonly record struct ConfigRegion(int Start, ConfigBlock Block, uint ListHeader, uint ListHeaderMask)
{
    /// <summary>Offset after its last byte.</summary>
    public int End => Start + Block.Length;

    /// <summary>Reads the dword at offset <paramref name="at"/> of configuration space.</summary>
    public uint Read(int at)
    {
        uint value = Block.Read(at - Start);
        return at == Start ? (value & ~ListHeaderMask) | ListHeader : value;
    }
}
