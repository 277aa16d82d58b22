using SoftIov.Api;

namespace SoftIov.Lab.Demo;

/// <summary>
/// The story of a network: an adapter with a PF and VFs, two guests with a VF each, and what they can and cannot do. Steps that others
/// need end it when they fail; the others are all told.
/// </summary>
internal sealed partial class NetStory(DemoStage stage, IGuestMaker maker)
    : DemoStory<NetSummary>(stage, new NetSummary { Guests = maker.Kind })
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

    private IDemoGuest? _first;
    private IDemoGuest? _second;
    private GuestPlan? _secondPlan;

    private IDemoGuest First => _first ?? throw new InvalidOperationException("no first guest");

    private IDemoGuest Second => _second ?? throw new InvalidOperationException("no second guest");

    /// <inheritdoc/>
    public override async Task<string> DescribeGuestsAsync()
    {
        string first = _first is null ? "" : await _first.DescribeAsync().ConfigureAwait(false);
        return _second is null ? first : $"{first}\n{await _second.DescribeAsync().ConfigureAwait(false)}";
    }

    /// <inheritdoc/>
    protected override async Task EndGuestsAsync()
    {
        if (_first is not null)
            await _first.DisposeAsync().ConfigureAwait(false);
        if (_second is not null)
            await _second.DisposeAsync().ConfigureAwait(false);
    }

    /// <inheritdoc/>
    protected override Task<string> PrepareAsync() => maker.PrepareAsync(Output.Report, Cancelled);

    /// <inheritdoc/>
    protected override async Task TellAsync()
    {
        if (!await StepAsync("adapter", MakeAdapterAsync).ConfigureAwait(false) || !await StepAsync("guests booted", BootAsync).ConfigureAwait(false))
            return;

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

    private async Task<string> MakeAdapterAsync()
    {
        await ApplyAsync(new NetAdapterSpec(Adapter, TotalVfs: VfCount, NumVfs: VfCount)).ConfigureAwait(false);
        AdapterStatus status = await StatusAsync(Adapter).ConfigureAwait(false);
        DemoException.Unless(status.NumVfs == VfCount && status.Problem is null, status.Problem ?? $"{status.NumVfs} VFs, not {VfCount}");
        return $"{Adapter}: a PF and {status.NumVfs} VFs, no uplink";
    }

    private async Task<string> BootAsync()
    {
        GuestPlan plan = await PlanAsync("a", FirstVf, FirstAddress).ConfigureAwait(false);
        _secondPlan = await PlanAsync("b", SecondVf, SecondAddress, SecondAddressForPlugged).ConfigureAwait(false);
        Task<IDemoGuest> first = maker.BootAsync(plan, Cancelled);
        Task<IDemoGuest> second = maker.BootAsync(_secondPlan, Cancelled);
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
        AttachResult attach = await Client.AttachAsync(new AttachRequest(vf), Cancelled).ConfigureAwait(false);
        return new GuestPlan(name, attach.Socket, addresses);
    }

    private async Task<NetFunctionStatus> FunctionAsync(string target) =>
        (await StatusAsync(Adapter).ConfigureAwait(false)).Functions.OfType<NetFunctionStatus>().First(function => function.Target == target);
}
