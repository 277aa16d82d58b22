using System.Collections.Immutable;
using System.Text.Json.Serialization;

namespace SoftIov.Api;

/// <summary>One namespace as the operator wants it.</summary>
/// <param name="Size">Bytes, whole blocks; null for an equal share of the capacity.</param>
/// <param name="BlockSize">512 or 4096; null for 512, or what the backing can.</param>
/// <param name="Shared">Several controllers may have it.</param>
/// <param name="Vfs">VFs it is attached to.</param>
/// <param name="Pf">It is attached to the PF.</param>
public sealed record NamespaceSpec(
    long? Size, int? BlockSize = null, bool Shared = false, ImmutableSortedSet<int>? Vfs = null, bool Pf = false)
{
    /// <summary>VFs it is attached to.</summary>
    public ImmutableSortedSet<int> Vfs { get; init; } = Vfs ?? [];

    /// <summary>How many controllers have it.</summary>
    [JsonIgnore]
    public int ControllerCount => Vfs.Count + (Pf ? 1 : 0);

    /// <summary>The same bytes, whoever it is attached to.</summary>
    public bool HasSameContent(NamespaceSpec other) => Size == other.Size && BlockSize == other.BlockSize && Shared == other.Shared;

    /// <summary>Values are equal, VFs too.</summary>
    public bool Equals(NamespaceSpec? other) => other is not null && HasSameContent(other) && Pf == other.Pf && Vfs.SetEquals(other.Vfs);

    /// <inheritdoc/>
    public override int GetHashCode() => HashCode.Combine(Size, BlockSize, Shared, Pf, Vfs.Count);
}
