using SoftIov.Api;

namespace SoftIov.Daemon.Planning;

/// <summary>Runs a plan step by step and reports each; stops at the first that fails.</summary>
internal static class Executor
{
    /// <summary>What a dry run reports.</summary>
    public static IReadOnlyList<StepReport> Describe(Plan plan) =>
        [.. plan.Steps.Select(s => new StepReport(s.Target, s.Action, StepOutcome.Planned))];

    /// <summary>Does the steps. The reports say what was done, what failed and what was not tried.</summary>
    public static IReadOnlyList<StepReport> Run(Plan plan, IAdapterHost host)
    {
        var reports = new List<StepReport>();
        bool failed = false;
        foreach (Step step in plan.Steps)
        {
            if (failed)
            {
                reports.Add(new StepReport(step.Target, step.Action, StepOutcome.Skipped));
                continue;
            }

            try
            {
                Do(step, host);
                reports.Add(new StepReport(step.Target, step.Action, StepOutcome.Done));
            }
            catch (Exception error) when (error is not OutOfMemoryException)
            {
                reports.Add(new StepReport(step.Target, step.Action, StepOutcome.Failed, error.Message));
                failed = true;
            }
        }

        return reports;
    }

    private static void Do(Step step, IAdapterHost host)
    {
        switch (step)
        {
            case AddAdapter add:
                host.AddAdapter(add.Spec);
                break;
            case RemoveAdapter remove:
                host.RemoveAdapter(remove.Adapter);
                break;
            case EnableVfs enable:
                host.EnableVfs(enable.Adapter, enable.Count);
                break;
            case DisableVfs disable:
                host.DisableVfs(disable.Adapter);
                break;
            case GiveAway give:
                host.GiveAway(give.Adapter);
                break;
            case TakeBack take:
                host.TakeBack(take.Adapter);
                break;
            case ChangePolicy policy:
                host.ChangePolicy(policy.Adapter, policy.Vf, policy.To);
                break;
            case AdapterChange change:
                host.Change(change);
                break;
            default:
                throw new InvalidOperationException($"a step of an unknown kind: {step.GetType().Name}");
        }
    }
}
