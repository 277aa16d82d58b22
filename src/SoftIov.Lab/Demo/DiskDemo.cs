using System.Text.Json;

namespace SoftIov.Lab.Demo;

/// <summary>
/// One disk for two VMs, shown live and then as a summary: a PF and two VFs from one file, and stock drivers.
/// </summary>
public static class DiskDemo
{
    private const int Held = 0;
    private const int DidNotHold = 1;

    /// <summary>
    /// Runs it; 0 only if all held. When cancelled it ends everything it started, and throws <see cref="OperationCanceledException"/>.
    /// </summary>
    public static async Task<int> RunAsync(DemoOptions options, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(options);
        using var folder = new DemoFolder();
        using var output = new DemoOutput(options);
        DiskSummary summary;
        var story = new DiskStory(output, new DemoPrograms(options.Programs), folder, cancellationToken);
        await using (story.ConfigureAwait(false))
        {
            summary = await story.RunAsync().ConfigureAwait(false);
            if (!summary.Ok)
            {
                folder.KeepsLogs = true;
                string said = await story.DescribeGuestsAsync().ConfigureAwait(false);
                await File.WriteAllTextAsync(folder.GuestLog, said, CancellationToken.None).ConfigureAwait(false);
            }
        }

        if (!summary.Ok)
            output.Line($"Logs: {folder.DaemonLog} and {folder.GuestLog}");
        if (options.Json)
        {
            options.Output.WriteLine(JsonSerializer.Serialize(summary, DemoJson.Default.DiskSummary));
            await options.Output.FlushAsync(CancellationToken.None).ConfigureAwait(false);
        }

        return summary.Ok ? Held : DidNotHold;
    }
}
