namespace SoftIov.Pcie;

/// <summary>Pages of a memory BAR that a client may map, to read and write them without a message (decision 0111).</summary>
/// <param name="Bar">Index of the BAR.</param>
/// <param name="Offset">Where in it, a multiple of <see cref="PageSize"/>. The client can use as many bytes of our memory as lie before.</param>
/// <param name="Length">Bytes, a multiple of <see cref="PageSize"/>, without the MSI-X table and its pending bits.</param>
public readonly record struct SharedBarMemory(int Bar, uint Offset, int Length)
{
    /// <summary>What can be mapped at least.</summary>
    public const int PageSize = 4096;
}
