namespace SoftIov.Transports.VfioUser;

/// <summary>One DMA mapping of a client.</summary>
/// <param name="First">First guest address.</param>
/// <param name="Last">Last guest address.</param>
/// <param name="View">The memory behind it; null when only messages reach it.</param>
internal readonly record struct ClientMap(ulong First, ulong Last, FileView? View);
