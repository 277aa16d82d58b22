using SoftIov.Api;
using SoftIov.Daemon.Configuration;
using SoftIov.Daemon.Personalities;
using SoftIov.Daemon.Planning;

namespace SoftIov.Daemon.Hosting;

/// <summary>
/// Keeps desired state and current state together: what the control protocol asks for becomes a plan, is saved and done. One operation at
/// a time. A change that fails is taken back, so that an error leaves everything as it was.
/// </summary>
internal sealed class Operations
{
    private readonly Lock _gate = new();
    private readonly IAdapters _adapters;
    private readonly DesiredStateFile _file;
    private readonly Leases _leases;
    private readonly Dictionary<string, string> _problems = [];
    private DesiredState _desired = DesiredState.Empty;

    /// <summary>Works on <paramref name="adapters"/>, saves in <paramref name="file"/>, and keeps <paramref name="leases"/> in force.</summary>
    public Operations(IAdapters adapters, DesiredStateFile file, Leases leases)
    {
        _adapters = adapters;
        _file = file;
        _leases = leases;
    }

    /// <summary>What the operator wants.</summary>
    public DesiredState Desired
    {
        get
        {
            lock (_gate)
            {
                return _desired;
            }
        }
    }

    /// <summary>
    /// At start: makes what is wanted and was leased, adapter by adapter, so that one that fails does not keep others away. The failed ones
    /// are reported and stay wanted.
    /// </summary>
    public IReadOnlyList<StepReport> Restore(DesiredState state)
    {
        lock (_gate)
        {
            _desired = _leases.Over(state);
            _file.Save(_desired);
            var reports = new List<StepReport>();
            foreach (AdapterSpec adapter in _desired.Adapters)
            {
                IReadOnlyList<StepReport> done = Executor.Run(Plan.Between([], new DesiredState([adapter])), _adapters);
                if (done.FirstOrDefault(r => r.Outcome == StepOutcome.Failed) is { } failed)
                {
                    _problems[adapter.Name] = $"{failed.Action}: {failed.Error}";
                }

                reports.AddRange(done);
            }

            RenewLeases();
            return reports;
        }
    }

    /// <summary>Replaces desired state.</summary>
    public ApplyResult Apply(ApplyRequest request)
    {
        DesiredState wanted = (request.Yaml, request.State) switch
        {
            ({ } text, null) => ConfigurationReader.Read(text, request.File),
            (null, { } state) => Checked(state, request.File),
            _ => throw new ControlException(ControlErrorCode.InvalidParameters, "apply takes either state or yaml"),
        };
        lock (_gate)
        {
            return Change(wanted, request.DryRun, request.Force);
        }
    }

    /// <summary>Changes keys of one adapter or VF.</summary>
    public ApplyResult Set(SetRequest request)
    {
        TargetName target = TargetName.Parse(request.Target);
        lock (_gate)
        {
            return Change(SettingChange.Apply(_desired, target, request.Values), request.DryRun, request.Force);
        }
    }

    /// <summary>
    /// Changes one namespace: a change of what is wanted, unless a guest made the namespace: then it is changed as the guest would.
    /// </summary>
    public ApplyResult ChangeNamespace(NamespaceRequest request)
    {
        lock (_gate)
        {
            var change = NamespaceChange.Of(_desired, _adapters.Status().FirstOrDefault(a => a.Name == request.Target), request);
            return change.Wanted is { } wanted
                ? Change(wanted, request.DryRun, request.Force)
                : RunApart(change.Direct!, request.DryRun, request.Force);
        }
    }

    /// <summary>Current state.</summary>
    public GetResult Get(GetRequest request)
    {
        lock (_gate)
        {
            AdapterStatus[] all = [.. WithMissing(_adapters.Status()).OrderBy(a => a.Name, StringComparer.Ordinal)];
            return new GetResult(request.Target is null ? all : [Select(all, TargetName.Parse(request.Target))]);
        }
    }

    /// <summary>Everything about one target.</summary>
    public DescribeResult Describe(DescribeRequest request)
    {
        lock (_gate)
        {
            return new DescribeResult(request.Target, _adapters.Describe(TargetName.Parse(request.Target)));
        }
    }

    /// <summary>Configuration space of a function as text.</summary>
    public LspciResult Lspci(LspciRequest request)
    {
        lock (_gate)
        {
            return _adapters.Lspci(TargetName.Parse(request.Target), request.View, request.From);
        }
    }

    /// <summary>Injects a fault, ends what was injected, or lists it.</summary>
    public InjectResult Inject(InjectRequest request)
    {
        TargetName target = TargetName.Parse(request.Target);
        lock (_gate)
        {
            return _adapters.Inject(target, request.Fault, request.Values ?? new Dictionary<string, string>());
        }
    }

    /// <summary>Counters of all functions, and of the pollers.</summary>
    public StatsResult Stats(DateTimeOffset now)
    {
        lock (_gate)
        {
            FunctionStats[] functions = [.. _adapters.Status().SelectMany(a => a.Functions).Select(f => new FunctionStats(f.Target, f.Work))];
            return new StatsResult(now, functions, _adapters.Pollers());
        }
    }

    /// <summary>Runs something else on the adapters while nothing changes.</summary>
    public T Use<T>(Func<IAdapters, T> use)
    {
        lock (_gate)
        {
            return use(_adapters);
        }
    }

    private static DesiredState Checked(DesiredState state, string? file)
    {
        if (state.Adapters.Any(a => a is null || a.HasNulls))
        {
            throw new ControlException(ControlErrorCode.InvalidParameters, "the state has a null where an adapter, a VF or a namespace should be");
        }

        var errors = new ConfigErrors(file);
        DesiredStateValidator.Check(state, errors);
        return errors.IsEmpty ? state : throw errors.ToException();
    }

    private ApplyResult Change(DesiredState wanted, bool dryRun, bool force)
    {
        Plan plan = Plan.Between(_adapters.Current, wanted);
        if (dryRun)
        {
            return new ApplyResult(Executor.Describe(plan));
        }

        RefuseLosses(plan, force);
        DesiredState former = _desired;
        _file.Save(wanted);
        _desired = wanted;
        IReadOnlyList<StepReport> reports = Executor.Run(plan, _adapters);
        if (reports.FirstOrDefault(r => r.Outcome == StepOutcome.Failed) is { } failed)
        {
            TakeBack(former, reports, failed);
        }

        _problems.Clear();
        RenewLeases();
        return new ApplyResult(reports);
    }

    /// <summary>After a change: ends leases that it ended, and gives the others again, since what was made anew knows of none.</summary>
    private void RenewLeases()
    {
        try
        {
            _leases.Follow(_desired);
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            // The change is done, and the next one tries again.
        }

        IReadOnlyList<CurrentAdapter> current = _adapters.Current;
        foreach (Lease lease in _leases.All)
        {
            TargetName target = TargetName.Parse(lease.Target);
            if (lease.Owner is { } owner && current.Any(a => a.Has(target)))
            {
                _adapters.Lease(target, owner);
            }
        }
    }

    /// <summary>Runs a plan that changes nothing of what is wanted.</summary>
    private ApplyResult RunApart(Plan plan, bool dryRun, bool force)
    {
        if (dryRun)
        {
            return new ApplyResult(Executor.Describe(plan));
        }

        RefuseLosses(plan, force);
        IReadOnlyList<StepReport> reports = Executor.Run(plan, _adapters);
        return reports.FirstOrDefault(r => r.Outcome == StepOutcome.Failed) is { } failed
            ? throw ControlException.Because(ControlErrorCode.StepFailed, $"{failed.Target}: {failed.Action}: {failed.Error}", "nothing was changed")
            : new ApplyResult(reports);
    }

    private static void RefuseLosses(Plan plan, bool force)
    {
        string functions = plan.Losses.IsEmpty ? "" : $"a guest would lose its device: {string.Join(", ", plan.Losses)}";
        string data = plan.Erased.IsEmpty ? "" : $"data would be lost: {string.Join(", ", plan.Erased)}";
        if (!force && functions.Length + data.Length > 0)
        {
            throw ControlException.Because(
                ControlErrorCode.NeedsForce,
                functions.Length > 0 && data.Length > 0 ? $"{functions}; {data}" : functions + data,
                data.Length > 0 ? "save them first, and use --force" : "detach first, or use --force");
        }
    }

    private void TakeBack(DesiredState former, IReadOnlyList<StepReport> reports, StepReport failed)
    {
        _desired = former;
        IReadOnlyList<StepReport> back = Executor.Run(Plan.Between(_adapters.Current, former), _adapters);
        string end = back.Any(r => r.Outcome == StepOutcome.Failed) ? "not all could be taken back" : "everything is as it was";
        try
        {
            _file.Save(former);
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            end += $", but a restart will try the change again: the state could not be saved ({error.Message})";
        }

        string message = $"{failed.Target}: {failed.Action}: {failed.Error}";
        throw new ControlException(
            ControlErrorCode.StepFailed, $"{message}; {end}", new ErrorData([new ErrorDetail(message)], [.. reports, .. back]));
    }

    private IEnumerable<AdapterStatus> WithMissing(IReadOnlyList<AdapterStatus> present)
    {
        foreach (AdapterStatus adapter in present)
        {
            yield return adapter with { Problem = _problems.GetValueOrDefault(adapter.Name) };
        }

        foreach (AdapterSpec spec in _desired.Adapters.Where(wanted => present.All(p => p.Name != wanted.Name)))
        {
            yield return PersonalityRules.Of(spec).Missing(spec, _problems.GetValueOrDefault(spec.Name, "not there"));
        }
    }

    private AdapterStatus Select(AdapterStatus[] all, TargetName target)
    {
        AdapterStatus adapter = all.FirstOrDefault(a => a.Name == target.Adapter) ?? throw ControlException.Because(
            ControlErrorCode.NotFound,
            $"there is no adapter '{target.Adapter}'",
            all.Length == 0 ? "apply a configuration first" : Spelling.Suggest(target.Adapter, all.Select(a => a.Name)));
        return target.Part == TargetPart.Adapter ? adapter : adapter with { Functions = [_adapters.Function(target)] };
    }
}
