using System.Collections.Immutable;
using SoftIov.Api;
using SoftIov.Daemon.Configuration;
using SoftIov.Daemon.Planning;

namespace SoftIov.Daemon.Personalities;

/// <summary><c>softiov namespace</c>: one namespace made, deleted, attached or detached.</summary>
/// <param name="Wanted">What is wanted from now on; null when the namespace was made by a guest.</param>
/// <param name="Direct">What is done to a guest's namespace; null otherwise.</param>
internal sealed record NamespaceChange(DesiredState? Wanted, Plan? Direct)
{
    private const string PhysicalFunction = "pf";

    /// <summary>The change; throws a <see cref="ControlException"/> that says what is wrong.</summary>
    /// <param name="state">What is wanted.</param>
    /// <param name="current">The adapter as it is; null when it is not there.</param>
    /// <param name="request">What is asked.</param>
    public static NamespaceChange Of(DesiredState state, AdapterStatus? current, NamespaceRequest request)
    {
        AdapterSpec? found = state.Adapters.FirstOrDefault(a => a.Name == request.Target);
        NvmeAdapterSpec adapter = found as NvmeAdapterSpec ?? throw NoAdapter(state, request.Target, found);
        IReadOnlyList<NamespaceStatus> there = (current as NvmeAdapterStatus)?.Namespaces ?? [];
        if (request.Action == NamespaceAction.Create)
            return Create(state, adapter, there, request);
        int id = request.Id ?? throw Wrong("which namespace?", "name its NSID");
        if (adapter.Namespaces.TryGetValue(id, out NamespaceSpec? named))
            return request.Action == NamespaceAction.Delete
                ? Want(state, adapter, adapter.Namespaces.Remove(id))
                : Want(state, adapter, adapter.Namespaces.SetItem(id, Apply(named, request)));
        if (adapter.WantedNamespaces.ContainsKey(id))
        {
            throw Wrong(
                $"namespace {id} is VF {id - 1}'s own, by vfNamespaces",
                $"softiov set {adapter.Name} vfNamespaces=none takes all VFs their own, with the data");
        }

        return there.FirstOrDefault(one => one.Id == id) is { } guests ? ChangeGuests(adapter, guests, request) : throw ControlException.Because(
            ControlErrorCode.NotFound, $"{adapter.Name} has no namespace {id}", $"softiov namespace list {adapter.Name}");
    }

    private static NamespaceChange Create(
        DesiredState state, NvmeAdapterSpec adapter, IReadOnlyList<NamespaceStatus> there, NamespaceRequest request)
    {
        var taken = adapter.WantedNamespaces.Keys.Concat(there.Select(one => one.Id)).ToHashSet();
        if (request.Id is { } id && taken.Contains(id))
            throw Wrong($"{adapter.Name} has a namespace {id} already", "leave the NSID out, or take another");
        int free = request.Id ?? Enumerable.Range(1, int.MaxValue - 1).First(each => !taken.Contains(each));
        var made = new NamespaceSpec(request.Size ?? throw Wrong("a namespace has a size", ByteSize.Expected), request.BlockSize, request.Shared);
        return Want(state, adapter, adapter.Namespaces.Add(free, Apply(made, request with { Action = NamespaceAction.Attach })));
    }

    /// <summary>What VFs have of themselves stays, although it is not said.</summary>
    private static NamespaceChange Want(DesiredState state, NvmeAdapterSpec adapter, ImmutableSortedDictionary<int, NamespaceSpec> namespaces)
    {
        NvmeAdapterSpec changed = adapter with { Namespaces = namespaces, VfNamespaces = adapter.OwnNamespaces };
        var wanted = new DesiredState([.. state.Adapters.Select(a => ReferenceEquals(a, adapter) ? changed : a)]);
        var errors = new ConfigErrors(null);
        DesiredStateValidator.Check(wanted, errors);
        return errors.IsEmpty ? new NamespaceChange(wanted, null) : throw errors.ToException();
    }

    private static NamespaceChange ChangeGuests(NvmeAdapterSpec adapter, NamespaceStatus one, NamespaceRequest request)
    {
        var plan = new PlanBuilder();
        if (request.Action == NamespaceAction.Delete)
        {
            plan.Add(new DeleteNamespace(adapter.Name, one.Id));
            plan.Erase($"namespace {one.Id} of {adapter.Name}");
        }
        else
        {
            TargetName[] functions = [.. one.AttachedTo.Select(TargetName.Parse)];
            var now = new NamespaceSpec(
                one.Size,
                one.BlockSize,
                one.Shared,
                [.. functions.Where(f => f.Part == TargetPart.Vf).Select(f => f.Vf)],
                functions.Any(f => f.Part == TargetPart.Pf));
            plan.Add(new AttachNamespace(adapter.Name, one.Id, Apply(now, request)));
        }

        return new NamespaceChange(null, plan.ToPlan());
    }

    private static NamespaceSpec Apply(NamespaceSpec one, NamespaceRequest request)
    {
        bool attaches = request.Action == NamespaceAction.Attach;
        if (request.Functions is null)
            return attaches ? one : one with { Vfs = [], Pf = false };
        foreach (string function in request.Functions)
        {
            if (function == PhysicalFunction)
                one = one with { Pf = attaches };
            else if (SettingText.Number(function) is >= 0 and var vf)
                one = one with { Vfs = attaches ? one.Vfs.Add(vf) : one.Vfs.Remove(vf) };
            else
                throw Wrong($"'{function}' is no function", "pf, or a VF number from 0");
        }

        return one;
    }

    private static ControlException NoAdapter(DesiredState state, string name, AdapterSpec? other) => other is not null
        ? Wrong($"{name} is a {PersonalityRules.Of(other).Word} adapter, and has no namespaces", "name an nvme adapter")
        : ControlException.Because(
            ControlErrorCode.NotFound, $"there is no adapter '{name}'", Spelling.Suggest(name, state.Adapters.Select(a => a.Name)));

    private static ControlException Wrong(string what, string fix) => ControlException.Because(ControlErrorCode.InvalidParameters, what, fix);
}
