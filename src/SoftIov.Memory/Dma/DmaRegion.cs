namespace SoftIov.Memory;

/// <summary>One mapping of a domain: a range of IOVA and the host memory behind it.</summary>
/// <param name="First">First address.</param>
/// <param name="Last">Last address: a mapping may end at 2^64-1.</param>
/// <param name="Access">What the device may do there.</param>
/// <param name="HostAddress">Host address of the first byte; 0 when reached by messages only.</param>
internal readonly record struct DmaRegion(ulong First, ulong Last, DmaAccess Access, nint HostAddress)
{
    /// <summary>True when the mapping has no memory of its own here.</summary>
    public bool IsMessageOnly => HostAddress == 0;

    /// <summary>Host address of an IOVA inside the region.</summary>
    public nint AddressOf(ulong iova) => HostAddress + (nint)(iova - First);
}
