namespace SoftIov.Transports.Backings;

/// <summary>Which block store to open.</summary>
/// <param name="Kind">What keeps the bytes.</param>
/// <param name="Path">Of the file or block device; empty otherwise.</param>
/// <param name="LengthBytes">
/// Bytes of the store; what is no multiple of 4096 is rounded up. A file that does not exist is made so long, a shorter one grows, a longer one
/// keeps its length. Null: the file or device as it is.
/// </param>
public sealed record BackingOptions(BackingKind Kind, string Path = "", long? LengthBytes = null);
