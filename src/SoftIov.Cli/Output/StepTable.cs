using SoftIov.Api;

namespace SoftIov.Cli.Output;

/// <summary>Steps of a plan as a table.</summary>
internal static class StepTable
{
    /// <summary>The table.</summary>
    public static Table Of(IReadOnlyList<StepReport> steps)
    {
        var table = new Table("TARGET", "OUTCOME", "STEP");
        foreach (StepReport step in steps)
        {
            string action = step.Error is { } error ? $"{step.Action}: {error}" : step.Action;
            table.Add(step.Target, Outcome(step.Outcome), action);
        }

        return table;
    }

    private static Cell Outcome(StepOutcome outcome) => outcome switch
    {
        StepOutcome.Planned => new Cell("planned"),
        StepOutcome.Done => new Cell("done", Tone.Good),
        StepOutcome.Failed => new Cell("failed", Tone.Bad),
        _ => new Cell("skipped", Tone.Muted),
    };
}
