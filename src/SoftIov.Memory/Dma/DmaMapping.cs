namespace SoftIov.Memory;

/// <summary>A mapping of a domain as its owner hands it over.</summary>
/// <param name="Iova">First address.</param>
/// <param name="Size">Bytes.</param>
/// <param name="Access">What the device may do there.</param>
/// <param name="Memory">Where the bytes are; not owned by the domain.</param>
/// <param name="MemoryOffset">Where in there the first one is.</param>
public readonly record struct DmaMapping(ulong Iova, ulong Size, DmaAccess Access, IHostMemory Memory, ulong MemoryOffset);
