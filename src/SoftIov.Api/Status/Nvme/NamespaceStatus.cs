namespace SoftIov.Api;

/// <summary>One namespace as it is.</summary>
/// <param name="Id">NSID.</param>
/// <param name="Size">Bytes.</param>
/// <param name="BlockSize">Bytes of a block.</param>
/// <param name="Shared">Several controllers may have it.</param>
/// <param name="AttachedTo">Functions that have it: <c>disk0/pf</c>, <c>disk0/3</c>.</param>
/// <param name="Origin">Who made it.</param>
/// <param name="Uuid">Its UUID, as guests see it.</param>
/// <param name="WriteProtected">Writes are refused.</param>
public sealed record NamespaceStatus(
    int Id,
    long Size,
    int BlockSize,
    bool Shared,
    IReadOnlyList<string> AttachedTo,
    NamespaceOrigin Origin,
    Guid Uuid,
    bool WriteProtected = false);
