using System.Diagnostics;
using System.Globalization;
using SoftIov.Api;

namespace SoftIov.Lab.Demo;

/// <summary>
/// The story of the demo: a daemon, an adapter with a PF and VFs, two guests with a VF each, and what they can and cannot do. Steps
/// that others need end it when they fail; the others are all told.
/// </summary>
internal sealed partial class DemoStory(
    DemoOutput output, DemoPrograms programs, DemoFolder folder, IGuestMaker maker, CancellationToken cancellationToken) : IAsyncDisposable
{
    private const string Adapter = "net0";
    private const string FirstVf = "net0/0";
    private const string SecondVf = "net0/1";
    private const string SpareVf = "net0/2";
    private const int VfCount = 4;
    private const string FirstAddress = "10.0.0.1";
    private const string SecondAddress = "10.0.0.2";
    private const string PluggedAddress = "10.0.1.1";
    private const string SecondAddressForPlugged = "10.0.1.2";

    private static readonly TimeSpan PrepareLimit = TimeSpan.FromMinutes(30);
    private static readonly TimeSpan StepLimit = TimeSpan.FromMinutes(4);

    private DemoDaemon? _daemon;
    private IDemoGuest? _first;
    private IDemoGuest? _second;
    private GuestPlan? _secondPlan;
    private DemoSummary _summary = new() { Guests = maker.Kind };

    private DemoDaemon Daemon => _daemon ?? throw new InvalidOperationException("no daemon");

    private ControlClient Client => Daemon.Client;

    private IDemoGuest First => _first ?? throw new InvalidOperationException("no first guest");

    private IDemoGuest Second => _second ?? throw new InvalidOperationException("no second guest");

    /// <summary>Tells it and returns what was found.</summary>
    public async Task<DemoSummary> RunAsync()
    {
        long start = Stopwatch.GetTimestamp();
        bool isUp = await StepAsync("guests made ready", PrepareAsync, PrepareLimit).ConfigureAwait(false)
            && await StepAsync("daemon", StartDaemonAsync).ConfigureAwait(false)
            && await StepAsync("adapter", MakeAdapterAsync).ConfigureAwait(false)
            && await StepAsync("guests booted", BootAsync).ConfigureAwait(false);
        if (isUp)
            await TellAsync().ConfigureAwait(false);
        return _summary with
        {
            Ok = output.Failed.Count == 0,
            Failed = [.. output.Failed],
            Seconds = Math.Round(Stopwatch.GetElapsedTime(start).TotalSeconds, 1),
        };
    }

    /// <summary>What guests said last, for a failure.</summary>
    public async Task<string> DescribeGuestsAsync()
    {
        string first = _first is null ? "" : await _first.DescribeAsync().ConfigureAwait(false);
        return _second is null ? first : $"{first}\n{await _second.DescribeAsync().ConfigureAwait(false)}";
    }

    /// <summary>Ends guests and daemon.</summary>
    public async ValueTask DisposeAsync()
    {
        if (_first is not null)
            await _first.DisposeAsync().ConfigureAwait(false);
        if (_second is not null)
            await _second.DisposeAsync().ConfigureAwait(false);
        if (_daemon is not null)
            await _daemon.DisposeAsync().ConfigureAwait(false);
    }

    private async Task TellAsync()
    {
        await StepAsync("VFs attached", ShowAttachmentsAsync).ConfigureAwait(false);
        await StepAsync("lspci in the guests", ShowFunctionsAsync).ConfigureAwait(false);
        await StepAsync("driver bound", ShowDriversAsync).ConfigureAwait(false);
        await StepAsync("ping", PingAsync).ConfigureAwait(false);
        await StepAsync("TCP", StreamAsync).ConfigureAwait(false);
        await StepAsync("VLAN isolates", IsolateAsync).ConfigureAwait(false);
        await StepAsync("spoofed frames dropped", SpoofAsync).ConfigureAwait(false);
        await StepAsync("VF hot-plugged", HotPlugAsync).ConfigureAwait(false);
        await StepAsync("idle daemon", IdleAsync).ConfigureAwait(false);
        await StepAsync("guest killed (-9)", KillAsync).ConfigureAwait(false);
    }

    private Task<bool> StepAsync(string name, Func<Task<string>> step, TimeSpan? limit = null) => output.StepAsync(name, async () =>
    {
        cancellationToken.ThrowIfCancellationRequested();
        string found = await WithinAsync(step(), limit ?? StepLimit).ConfigureAwait(false);
        if (_daemon is { HasExited: true })
            throw new DemoException("softiovd has ended");
        return found;
    });

    // A step sees for itself that it is cancelled. What hangs is left behind, and ends with the processes it waits for.
    private async Task<string> WithinAsync(Task<string> step, TimeSpan limit)
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

    private Task<string> PrepareAsync() => maker.PrepareAsync(output.Report, cancellationToken);

    private async Task<string> StartDaemonAsync()
    {
        _daemon = await DemoDaemon.StartAsync(programs, folder, cancellationToken).ConfigureAwait(false);
        VersionResult version = await Client.GetVersionAsync(cancellationToken).ConfigureAwait(false);
        return string.Create(CultureInfo.InvariantCulture, $"softiovd {version.Version}, process {_daemon.ProcessId}");
    }

    private async Task<string> MakeAdapterAsync()
    {
        var wanted = new DesiredState([new NetAdapterSpec(Adapter, TotalVfs: VfCount, NumVfs: VfCount)]);
        await Client.ApplyAsync(new ApplyRequest(wanted), cancellationToken).ConfigureAwait(false);
        AdapterStatus status = await StatusAsync().ConfigureAwait(false);
        DemoException.Unless(status.NumVfs == VfCount && status.Problem is null, status.Problem ?? $"{status.NumVfs} VFs, not {VfCount}");
        return $"{Adapter}: a PF and {status.NumVfs} VFs, no uplink";
    }

    private async Task<string> BootAsync()
    {
        GuestPlan plan = await PlanAsync("a", FirstVf, FirstAddress).ConfigureAwait(false);
        _secondPlan = await PlanAsync("b", SecondVf, SecondAddress, SecondAddressForPlugged).ConfigureAwait(false);
        Task<IDemoGuest> first = maker.BootAsync(plan, cancellationToken);
        Task<IDemoGuest> second = maker.BootAsync(_secondPlan, cancellationToken);
        try
        {
            _first = await first.ConfigureAwait(false);
        }
        finally
        {
            _second = await second.ConfigureAwait(false);
        }

        return $"a with {FirstVf}, b with {SecondVf}";
    }

    private async Task<GuestPlan> PlanAsync(string name, string vf, params string[] addresses)
    {
        AttachResult attach = await Client.AttachAsync(new AttachRequest(vf), cancellationToken).ConfigureAwait(false);
        return new GuestPlan(name, attach.Socket, addresses);
    }

    private async Task<AdapterStatus> StatusAsync() =>
        (await Client.GetAsync(Adapter, cancellationToken).ConfigureAwait(false)).Adapters[0];

    private async Task<NetFunctionStatus> StatusAsync(string target) =>
        (await StatusAsync().ConfigureAwait(false)).Functions.OfType<NetFunctionStatus>().First(function => function.Target == target);
}
