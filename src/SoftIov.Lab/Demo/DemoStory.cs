using System.Diagnostics;
using System.Globalization;
using SoftIov.Api;

namespace SoftIov.Lab.Demo;

/// <summary>
/// The frame of a story: a daemon of its own, steps of limited time, what was found, and the end of all that was started.
/// </summary>
internal abstract class DemoStory<TSummary>(DemoStage stage, TSummary nothing) : IAsyncDisposable
    where TSummary : DemoSummary
{
    private static readonly TimeSpan PrepareLimit = TimeSpan.FromMinutes(30);
    private static readonly TimeSpan StepLimit = TimeSpan.FromMinutes(4);

    private DemoDaemon? _daemon;

    /// <summary>Where steps are shown.</summary>
    protected DemoOutput Output => stage.Output;

    /// <summary>Where files are.</summary>
    protected DemoFolder Folder => stage.Folder;

    /// <summary>Ends the story early.</summary>
    protected CancellationToken Cancelled => stage.Cancelled;

    /// <summary>What was found so far.</summary>
    protected TSummary Summary { get; set; } = nothing;

    /// <summary>The daemon, once it was started.</summary>
    protected DemoDaemon Daemon => _daemon ?? throw new InvalidOperationException("no daemon");

    /// <summary>The connection to it.</summary>
    protected ControlClient Client => Daemon.Client;

    /// <summary>Tells it and returns what was found.</summary>
    public async Task<TSummary> RunAsync()
    {
        long start = Stopwatch.GetTimestamp();
        bool isUp = await StepAsync("guests made ready", PrepareAsync, PrepareLimit).ConfigureAwait(false)
            && await StepAsync("daemon", StartDaemonAsync).ConfigureAwait(false);
        if (isUp)
            await TellAsync().ConfigureAwait(false);
        return Summary with
        {
            Ok = Output.Failed.Count == 0,
            Failed = [.. Output.Failed],
            Seconds = Math.Round(Stopwatch.GetElapsedTime(start).TotalSeconds, 1),
        };
    }

    /// <summary>What guests said last, for a failure.</summary>
    public abstract Task<string> DescribeGuestsAsync();

    /// <summary>Ends guests and daemon.</summary>
    public async ValueTask DisposeAsync()
    {
        await EndGuestsAsync().ConfigureAwait(false);
        if (_daemon is not null)
            await _daemon.DisposeAsync().ConfigureAwait(false);
    }

    /// <summary>Makes ready what guests are made of, and says what that is.</summary>
    protected abstract Task<string> PrepareAsync();

    /// <summary>The steps with a daemon that runs.</summary>
    protected abstract Task TellAsync();

    /// <summary>Ends the guests.</summary>
    protected abstract Task EndGuestsAsync();

    /// <summary>A step, which says what it found; whether it held.</summary>
    protected Task<bool> StepAsync(string name, Func<Task<string>> step, TimeSpan? limit = null) => Output.StepAsync(name, async () =>
    {
        Cancelled.ThrowIfCancellationRequested();
        string found = await WithinAsync(step(), limit ?? StepLimit).ConfigureAwait(false);
        if (_daemon is { HasExited: true })
            throw new DemoException("softiovd has ended");
        return found;
    });

    /// <summary>Makes an adapter.</summary>
    protected Task ApplyAsync(AdapterSpec adapter) => Client.ApplyAsync(new ApplyRequest(new DesiredState([adapter])), Cancelled);

    /// <summary>Sets one value of an adapter or a function.</summary>
    protected Task SetAsync(string target, string key, int value) => Client.SetAsync(
        new SetRequest(target, new Dictionary<string, string> { [key] = value.ToString(CultureInfo.InvariantCulture) }), Cancelled);

    /// <summary>Status of an adapter.</summary>
    protected async Task<AdapterStatus> StatusAsync(string adapter) =>
        (await Client.GetAsync(adapter, Cancelled).ConfigureAwait(false)).Adapters[0];

    // A step sees for itself that it is cancelled. What hangs is left behind, and ends with the processes it waits for.
    private static async Task<string> WithinAsync(Task<string> step, TimeSpan limit)
    {
        try
        {
            return await step.WaitAsync(limit, CancellationToken.None).ConfigureAwait(false);
        }
        catch (TimeoutException error) when (!step.IsCompleted)
        {
            throw new DemoException($"not done after {limit.TotalMinutes:0} minutes", fix: null, error);
        }
    }

    private async Task<string> StartDaemonAsync()
    {
        _daemon = await DemoDaemon.StartAsync(stage.Programs, Folder, Cancelled).ConfigureAwait(false);
        VersionResult version = await Client.GetVersionAsync(Cancelled).ConfigureAwait(false);
        return string.Create(CultureInfo.InvariantCulture, $"softiovd {version.Version}, process {_daemon.ProcessId}");
    }
}
