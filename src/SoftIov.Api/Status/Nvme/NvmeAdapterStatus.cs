namespace SoftIov.Api;

/// <summary>One nvme adapter as it is.</summary>
public sealed record NvmeAdapterStatus : AdapterStatus
{
    /// <inheritdoc/>
    public override Personality Personality => Personality.Nvme;

    /// <summary>What keeps its bytes, as configurations write it.</summary>
    public required string Backing { get; init; }

    /// <summary>Bytes that namespaces can be made of; 0 while it is not there.</summary>
    public required long Capacity { get; init; }

    /// <summary>Bytes that belong to no namespace.</summary>
    public required long Unallocated { get; init; }

    /// <summary>How secondary controllers come to life.</summary>
    public required NvmeVfMode VfMode { get; init; }

    /// <summary>Its namespaces, by NSID.</summary>
    public required IReadOnlyList<NamespaceStatus> Namespaces { get; init; }
}
