using System.Collections.Immutable;
using System.Text.Json.Serialization;

namespace SoftIov.Api;

/// <summary>One nvme adapter as the operator wants it.</summary>
/// <param name="Name">As <see cref="AdapterSpec"/> has it.</param>
/// <param name="Backing">What keeps the bytes; null only where a configuration forgot it.</param>
/// <param name="TotalVfs">As <see cref="AdapterSpec"/> has it, 127 at most.</param>
/// <param name="NumVfs">As <see cref="AdapterSpec"/> has it.</param>
/// <param name="QueuePairs">I/O queue pairs of every function, 1..64.</param>
/// <param name="VfNamespaces">Namespaces that VFs get of themselves; null for equal shares when <paramref name="Namespaces"/> names none, else
/// for none.</param>
/// <param name="Namespaces">Further namespaces by NSID.</param>
/// <param name="VfMode">How secondary controllers come to life.</param>
/// <param name="PrimaryResetKeepsSecondaries">Secondary controllers stay online while the PF's driver is loaded again.</param>
/// <param name="Doorbells">How doorbells reach the controllers.</param>
/// <param name="AllowUnsealedMemory">As <see cref="AdapterSpec"/> has it.</param>
/// <param name="SocketDirectory">As <see cref="AdapterSpec"/> has it.</param>
/// <param name="Vfs">Wishes for VFs by number; one that is not named has <see cref="NvmeVfSpec.Default"/>. Kept while the VF is not
/// enabled.</param>
/// <param name="Whole">As <see cref="AdapterSpec"/> has it.</param>
/// <param name="WholeInterrupts">As <see cref="AdapterSpec"/> has it.</param>
public sealed record NvmeAdapterSpec(
    string Name,
    BackingSpec? Backing = null,
    int TotalVfs = 8,
    int NumVfs = 0,
    int QueuePairs = 4,
    VfNamespacesSpec? VfNamespaces = null,
    ImmutableSortedDictionary<int, NamespaceSpec>? Namespaces = null,
    NvmeVfMode VfMode = NvmeVfMode.Auto,
    bool PrimaryResetKeepsSecondaries = true,
    NvmeDoorbells Doorbells = NvmeDoorbells.Trapped,
    bool AllowUnsealedMemory = false,
    string? SocketDirectory = null,
    ImmutableSortedDictionary<int, NvmeVfSpec>? Vfs = null,
    bool Whole = false,
    WholeInterruptMode WholeInterrupts = WholeInterruptMode.Messages)
    : AdapterSpec(Name, TotalVfs, NumVfs, QueuePairs, AllowUnsealedMemory, SocketDirectory, Whole, WholeInterrupts)
{
    private const int FewestNamespaces = 32;
    private const int SpareNamespaces = 16;

    /// <inheritdoc/>
    public override Personality Personality => Personality.Nvme;

    /// <summary>Further namespaces by NSID.</summary>
    public ImmutableSortedDictionary<int, NamespaceSpec> Namespaces { get; init; } =
        Namespaces ?? ImmutableSortedDictionary<int, NamespaceSpec>.Empty;

    /// <summary>Wishes for VFs by number.</summary>
    public ImmutableSortedDictionary<int, NvmeVfSpec> Vfs { get; init; } = Vfs ?? ImmutableSortedDictionary<int, NvmeVfSpec>.Empty;

    /// <inheritdoc/>
    [JsonIgnore]
    public override IEnumerable<int> NamedVfs => Vfs.Keys;

    /// <summary>Highest NSID there can be (NN): the VFs' own and some more, since some guests show a disk for each.</summary>
    [JsonIgnore]
    public int HighestNamespace => Math.Max(FewestNamespaces, TotalVfs + SpareNamespaces);

    /// <summary>Namespaces that VFs get of themselves, whether somebody said so or not.</summary>
    [JsonIgnore]
    public VfNamespacesSpec OwnNamespaces => VfNamespaces ?? (Namespaces.IsEmpty ? VfNamespacesSpec.Equal : VfNamespacesSpec.None);

    /// <summary>All namespaces that are wanted, by NSID: the VFs' own, and those that are named; a named one goes before a VF's own.</summary>
    [JsonIgnore]
    public ImmutableSortedDictionary<int, NamespaceSpec> WantedNamespaces
    {
        get
        {
            var all = Namespaces.ToBuilder();
            for (int vf = 0; vf < TotalVfs && OwnNamespaces.Share != VfShare.None; vf++)
                all.TryAdd(vf + 1, new NamespaceSpec(OwnNamespaces.Size, Vfs: [vf]));
            return all.ToImmutable();
        }
    }

    /// <inheritdoc/>
    [JsonIgnore]
    public override bool HasNulls => base.HasNulls || Namespaces.Values.Any(one => one is null);

    /// <inheritdoc/>
    public override NvmeVfSpec Vf(int vf) => Vfs.GetValueOrDefault(vf, NvmeVfSpec.Default);

    /// <inheritdoc/>
    public override NvmeAdapterSpec WithVf(int vf, VfSpec spec) => this with { Vfs = Vfs.SetItem(vf, (NvmeVfSpec)spec) };
}
