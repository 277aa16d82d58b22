using System.Text.Json;
using SoftIov.Lab.Guests;

namespace SoftIov.Lab.Demo;

/// <summary>
/// The main job of SoftIov shown live and then as a summary, with a daemon of its own in a folder of its own: docs/guide/demo.md.
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
        IGuestMaker maker = options.Guests == GuestKind.Qemu ? new QemuGuestMaker() : new InProcessGuestMaker(programs);
        return RunAsync(options, programs, maker, cancellationToken);
    }

    /// <summary>Runs it with guests of any maker.</summary>
    internal static async Task<int> RunAsync(
        DemoOptions options, DemoPrograms programs, IGuestMaker maker, CancellationToken cancellationToken)
    {
        using var folder = new DemoFolder();
        using var output = new DemoOutput(options);
        DemoSummary summary;
        try
        {
            summary = await TellAsync(new DemoStory(output, programs, folder, maker, cancellationToken), folder).ConfigureAwait(false);
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
            options.Output.WriteLine(JsonSerializer.Serialize(summary, DemoJson.Default.DemoSummary));
            await options.Output.FlushAsync(CancellationToken.None).ConfigureAwait(false);
        }

        return summary.Ok ? Held : DidNotHold;
    }

    private static async Task<DemoSummary> TellAsync(DemoStory story, DemoFolder folder)
    {
        await using (story.ConfigureAwait(false))
        {
            DemoSummary summary = await story.RunAsync().ConfigureAwait(false);
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
