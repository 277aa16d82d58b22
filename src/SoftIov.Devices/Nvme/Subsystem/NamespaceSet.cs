using System.Collections.Immutable;
using SoftIov.Devices.Nvme.Spec;

namespace SoftIov.Devices.Nvme;

/// <summary>The namespaces attached to one controller. Immutable: a change makes another set, so a poller takes one look per burst.</summary>
internal sealed class NamespaceSet
{
    private readonly Namespace?[] _byId;

    /// <summary>Of namespaces by ascending identifier.</summary>
    public NamespaceSet(int maxNamespaces, ImmutableArray<Namespace> namespaces)
    {
        _byId = new Namespace?[maxNamespaces];
        All = namespaces;
        foreach (Namespace each in namespaces)
            _byId[each.Id - 1] = each;
    }

    /// <summary>Namespaces by ascending identifier.</summary>
    public ImmutableArray<Namespace> All { get; }

    /// <summary>
    /// The namespace of an I/O command; else Invalid Namespace or Format for a number that no namespace can have, FFFFFFFFh among them, and
    /// Invalid Field for one that none attached here has (NVMe 1.4, 6.1.5).
    /// </summary>
    public NvmeStatus Find(uint id, out Namespace? found)
    {
        found = null;
        if (id - 1 >= (uint)_byId.Length)
            return NvmeStatus.InvalidNamespace;
        found = _byId[id - 1];
        return found is null ? NvmeStatus.InvalidField : NvmeStatus.Success;
    }

    /// <summary>The namespace with an identifier, or null.</summary>
    public Namespace? this[uint id] => id - 1 < (uint)_byId.Length ? _byId[id - 1] : null;
}
