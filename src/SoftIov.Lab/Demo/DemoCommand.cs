using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using SoftIov.Lab.Guests;

namespace SoftIov.Lab.Demo;

/// <summary>
/// SoftIov shown live and then as a summary, with a daemon of its own in a folder of its own: docs/guide/demo.md.
/// </summary>
public static class DemoCommand
{
    private const int Held = 0;
    private const int DidNotHold = 1;

    /// <summary>
    /// Runs it; 0 only if all held. When cancelled it ends everything it started, and throws <see cref="OperationCanceledException"/>.
    /// </summary>
    public static Task<int> RunAsync(DemoOptions options, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(options);
        var programs = new DemoPrograms(options.Programs);
        return options.Kind switch
        {
            DemoKind.Disk => RunAsync(options, programs, stage => new DiskStory(stage), DemoJson.Default.DiskSummary, cancellationToken),
            DemoKind.Whole => RunAsync(options, programs, stage => new WholeStory(stage), DemoJson.Default.WholeSummary, cancellationToken),
            _ => RunAsync(
                options,
                programs,
                options.Guests == GuestKind.Qemu ? new QemuGuestMaker() : new InProcessGuestMaker(programs),
                cancellationToken),
        };
    }

    /// <summary>Runs the story of a network with guests of any maker.</summary>
    internal static Task<int> RunAsync(
        DemoOptions options, DemoPrograms programs, IGuestMaker maker, CancellationToken cancellationToken) =>
        RunAsync(options, programs, stage => new NetStory(stage, maker), DemoJson.Default.NetSummary, cancellationToken);

    private static async Task<int> RunAsync<TSummary>(
        DemoOptions options,
        DemoPrograms programs,
        Func<DemoStage, DemoStory<TSummary>> write,
        JsonTypeInfo<TSummary> json,
        CancellationToken cancellationToken)
        where TSummary : DemoSummary
    {
        using var folder = new DemoFolder();
        using var output = new DemoOutput(options);
        TSummary summary;
        try
        {
            summary = await TellAsync(write(new DemoStage(output, programs, folder, cancellationToken)), folder).ConfigureAwait(false);
        }
        catch (OperationCanceledException)
        {
            output.Line("Interrupted; all that was started has been ended.");
            throw;
        }

        DemoTable.Write(summary, output);
        if (!summary.Ok && string.Join(" and ", folder.Logs) is { Length: > 0 } logs)
            output.Line($"Logs: {logs}");
        if (options.Json)
        {
            options.Output.WriteLine(JsonSerializer.Serialize(summary, json));
            await options.Output.FlushAsync(CancellationToken.None).ConfigureAwait(false);
        }

        return summary.Ok ? Held : DidNotHold;
    }

    private static async Task<TSummary> TellAsync<TSummary>(DemoStory<TSummary> story, DemoFolder folder)
        where TSummary : DemoSummary
    {
        await using (story.ConfigureAwait(false))
        {
            TSummary summary = await story.RunAsync().ConfigureAwait(false);
            if (!summary.Ok)
            {
                folder.KeepsLogs = true;
                if (await story.DescribeGuestsAsync().ConfigureAwait(false) is { Length: > 0 } said)
                    await File.WriteAllTextAsync(folder.GuestLog, said, CancellationToken.None).ConfigureAwait(false);
            }

            return summary;
        }
    }
}
