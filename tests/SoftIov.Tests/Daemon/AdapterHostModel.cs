using System.Collections.Immutable;
using SoftIov.Api;
using SoftIov.Daemon.Personalities;
using SoftIov.Daemon.Planning;

namespace SoftIov.Tests.Daemon;

/// <summary>Adapters that are nothing but their specification.</summary>
internal sealed class AdapterHostModel : IAdapterHost
{
    private readonly SortedDictionary<string, AdapterSpec> _adapters = [];

    /// <summary>Steps of this name fail.</summary>
    public string? Fails { get; init; }

    public IReadOnlyList<CurrentAdapter> Current => [.. _adapters.Values.Select(a => new CurrentAdapter(a, new HashSet<int>()))];

    public void AddAdapter(AdapterSpec spec) => Do("add", () => _adapters.Add(spec.Name, spec));

    public void RemoveAdapter(string adapter) => Do("remove", () => _adapters.Remove(adapter));

    public void EnableVfs(string adapter, int count) => Change("enable", adapter, a => a with { NumVfs = count });

    public void DisableVfs(string adapter) => Change("disable", adapter, a => a with { NumVfs = 0 });

    public void GiveAway(string adapter) => Change("give away", adapter, a => a with { Whole = true });

    public void TakeBack(string adapter) => Change("take back", adapter, a => a with { Whole = false });

    public void ChangePolicy(string adapter, int vf, VfSpec policy) => Change("policy", adapter, a => a switch
    {
        NetAdapterSpec net when policy.Equals(NetVfSpec.Default) => net with { Vfs = net.Vfs.Remove(vf) },
        NvmeAdapterSpec nvme when policy.Equals(NvmeVfSpec.Default) => nvme with { Vfs = nvme.Vfs.Remove(vf) },
        _ => a.WithVf(vf, policy),
    });

    public void Change(AdapterChange change) => Change(change.GetType().Name, change.Adapter, a => change switch
    {
        ChangeUplink uplink => (NetAdapterSpec)a with { Uplink = uplink.Uplink },
        ChangeLineRate rate => (NetAdapterSpec)a with { LineRateMegabits = rate.Megabits },
        CreateNamespace one => WithNamespaces((NvmeAdapterSpec)a, all => all.SetItem(one.Id, one.Wanted)),
        AttachNamespace one => WithNamespaces((NvmeAdapterSpec)a, all => all.SetItem(one.Id, one.Wanted)),
        DeleteNamespace one => WithNamespaces((NvmeAdapterSpec)a, all => all.Remove(one.Id)),
        _ => throw new InvalidOperationException("not modelled"),
    });

    private static NvmeAdapterSpec WithNamespaces(
        NvmeAdapterSpec spec, Func<ImmutableSortedDictionary<int, NamespaceSpec>, ImmutableSortedDictionary<int, NamespaceSpec>> change) =>
        spec with { Namespaces = change(spec.WantedNamespaces), VfNamespaces = VfNamespacesSpec.None };

    private void Change(string what, string adapter, Func<AdapterSpec, AdapterSpec> change) =>
        Do(what, () => _adapters[adapter] = change(_adapters[adapter]));

    private void Do(string what, Action action)
    {
        if (what == Fails)
            throw new InvalidOperationException($"{what} fails");
        action();
    }
}
