using System.Collections.Immutable;
using SoftIov.Api;
using SoftIov.Daemon.Configuration;
using SoftIov.Daemon.Planning;

namespace SoftIov.Daemon.Personalities;

/// <summary>What configuration and planning know of nvme adapters.</summary>
internal sealed class NvmeRules : PersonalityRules
{
    /// <summary>The list of namespaces.</summary>
    public const string NamespacesKey = "namespaces";

    /// <inheritdoc/>
    public override AdapterSpec UsualAdapter { get; } = new NvmeAdapterSpec("");

    /// <inheritdoc/>
    public override VfSpec UsualVf => NvmeVfSpec.Default;

    /// <inheritdoc/>
    public override IReadOnlyList<Setting<AdapterSpec>> AdapterSettings => NvmeAdapterSettings.All;

    /// <inheritdoc/>
    public override IReadOnlyList<Setting<VfSpec>> VfSettings => NvmeVfSettings.All;

    /// <inheritdoc/>
    public override IReadOnlyList<string> FurtherKeys => [NamespacesKey];

    /// <inheritdoc/>
    public override AdapterSpec? Read(ConfigValues values, AdapterSpec adapter, ConfigScalar key, ConfigNode value, string path) => key.Text switch
    {
        NamespacesKey => (NvmeAdapterSpec)adapter with { Namespaces = new NamespacesReader(values).Read(value, path) },
        "backing" => (NvmeAdapterSpec)adapter with { Backing = new NamespacesReader(values).ReadBacking(key, value) },
        _ => null,
    };

    /// <inheritdoc/>
    public override void Check(AdapterSpec adapter, string path, Claims claims, ConfigErrors errors) =>
        NvmeChecks.Check((NvmeAdapterSpec)adapter, path, claims, errors);

    /// <inheritdoc/>
    public override string Summary(AdapterSpec adapter) => $"backing {((NvmeAdapterSpec)adapter).Backing}";

    /// <inheritdoc/>
    public override AdapterSpec WithLive(AdapterSpec was, AdapterSpec to)
    {
        var wanted = (NvmeAdapterSpec)to;
        return (NvmeAdapterSpec)was with { Vfs = wanted.Vfs, Namespaces = wanted.Namespaces, VfNamespaces = wanted.VfNamespaces };
    }

    /// <inheritdoc/>
    public override void PlanBefore(AdapterSpec was, AdapterSpec to, PlanBuilder plan)
    {
        var former = (NvmeAdapterSpec)was;
        var wanted = (NvmeAdapterSpec)to;
        if (former.Backing!.Kind == NvmeBackingKind.Memory)
            plan.Erase($"the memory of {was.Name}");
        else if (former.Backing.Path is not null && former.Backing.Path == wanted.Backing!.Path)
            PlanDeletions(former, wanted, plan);
    }

    /// <inheritdoc/>
    public override void Plan(CurrentAdapter was, AdapterSpec to, PlanBuilder plan)
    {
        var former = (NvmeAdapterSpec)was.Spec;
        var wanted = (NvmeAdapterSpec)to;
        PlanDeletions(former, wanted, plan);
        ImmutableSortedDictionary<int, NamespaceSpec> before = former.WantedNamespaces;

        // Who shall lose one loses it before others get what is free then.
        foreach ((int id, NamespaceSpec one) in wanted.WantedNamespaces)
        {
            if (before.TryGetValue(id, out NamespaceSpec? old) && old.HasSameContent(one) && !old.Equals(one))
                plan.Add(new AttachNamespace(to.Name, id, one));
        }

        foreach ((int id, NamespaceSpec one) in wanted.WantedNamespaces)
        {
            if (!before.TryGetValue(id, out NamespaceSpec? old) || !old.HasSameContent(one))
                plan.Add(new CreateNamespace(to.Name, id, one));
        }
    }

    /// <inheritdoc/>
    public override AdapterStatus Missing(AdapterSpec adapter, string problem)
    {
        var nvme = (NvmeAdapterSpec)adapter;
        return new NvmeAdapterStatus
        {
            Name = nvme.Name,
            TotalVfs = nvme.TotalVfs,
            NumVfs = 0,
            QueuePairs = nvme.QueuePairs,
            Backing = nvme.Backing?.ToString() ?? "none",
            Capacity = 0,
            Unallocated = 0,
            VfMode = nvme.VfMode,
            Namespaces = [],
            Problem = problem,
            Functions = [],
        };
    }

    private static void PlanDeletions(NvmeAdapterSpec was, NvmeAdapterSpec to, PlanBuilder plan)
    {
        ImmutableSortedDictionary<int, NamespaceSpec> wanted = to.WantedNamespaces;
        foreach ((int id, NamespaceSpec one) in was.WantedNamespaces)
        {
            if (wanted.TryGetValue(id, out NamespaceSpec? same) && same.HasSameContent(one))
                continue;
            plan.Add(new DeleteNamespace(was.Name, id));
            plan.Erase($"namespace {id} of {was.Name}");
        }
    }
}
