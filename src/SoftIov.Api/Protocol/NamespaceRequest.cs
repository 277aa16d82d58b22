namespace SoftIov.Api;

/// <summary>Changes one namespace of an nvme adapter.</summary>
/// <param name="Target">The adapter.</param>
/// <param name="Action">What happens.</param>
/// <param name="Id">NSID; null to create it with the lowest that is free.</param>
/// <param name="Size">Bytes, to create it.</param>
/// <param name="BlockSize">512 or 4096, to create it; null for 512, or what the backing can.</param>
/// <param name="Shared">Several functions may have it, to create it.</param>
/// <param name="Functions">Functions that get it or lose it: <c>pf</c> and VF numbers. To detach: null for all.</param>
/// <param name="DryRun">Plan only.</param>
/// <param name="Force">Also what takes data.</param>
public sealed record NamespaceRequest(
    string Target,
    NamespaceAction Action,
    int? Id = null,
    long? Size = null,
    int? BlockSize = null,
    bool Shared = false,
    IReadOnlyList<string>? Functions = null,
    bool DryRun = false,
    bool Force = false);
