using System.Diagnostics;
using System.Globalization;
using SoftIov.Api;
using SoftIov.Lab.Guests;

namespace SoftIov.Lab.Demo;

/// <content>What the two guests can and cannot do.</content>
internal sealed partial class NetStory
{
    private const int Pings = 10;
    private const int FewPings = 3;
    private const int SpoofedFrames = 50;
    private const string SpoofedSource = "02:5e:00:00:be:ef";
    private const string DriverReady = "driver-ok";
    private const int IdleTries = 3;
    private const double QuietCpuPercent = 1;
    private const double MostIdleCpuPercent = 5;
    private static readonly TimeSpan CountersPatience = TimeSpan.FromSeconds(10);
    private static readonly TimeSpan CountersRetry = TimeSpan.FromMilliseconds(20);

    private async Task<string> ShowAttachmentsAsync()
    {
        AdapterStatus status = await StatusAsync(Adapter).ConfigureAwait(false);
        NetFunctionStatus[] attached = [.. status.Functions.OfType<NetFunctionStatus>().Where(function => function.Attachment is not null)];
        Summary = Summary with { VfsAttached = attached.Length };
        foreach (NetFunctionStatus function in attached)
        {
            AttachmentStatus by = function.Attachment!;
            Output.Detail(string.Create(
                CultureInfo.InvariantCulture,
                $"{function.Target} {function.Mac}: {by.Command ?? by.By}, process {by.ProcessId}, {by.MappedBytes >> 20} MiB mapped"));
        }

        CheckOwner(attached, FirstVf, First);
        CheckOwner(attached, SecondVf, Second);
        return $"{attached.Length} of {status.NumVfs} VFs, each by another process";
    }

    private static void CheckOwner(NetFunctionStatus[] attached, string vf, IDemoGuest guest)
    {
        int? process = Array.Find(attached, function => function.Target == vf)?.Attachment?.ProcessId;
        DemoException.Unless(process == guest.ProcessId, $"{vf} is not attached to guest {guest.Name}");
    }

    private async Task<string> ShowFunctionsAsync()
    {
        foreach (IDemoGuest guest in (IDemoGuest[])[First, Second])
        {
            IReadOnlyList<string> functions = await guest.LspciAsync(Cancelled).ConfigureAwait(false);
            foreach (string function in functions)
                Output.Detail($"{guest.Name}: {function}");
            DemoException.Unless(functions.Count == 1, $"guest {guest.Name} sees {functions.Count} network functions, not 1");
        }

        return "one network function each";
    }

    private async Task<string> ShowDriversAsync()
    {
        var found = new List<string>();
        foreach ((IDemoGuest guest, string vf) in ((IDemoGuest, string)[])[(First, FirstVf), (Second, SecondVf)])
        {
            string? driver = await guest.DriverAsync(Cancelled).ConfigureAwait(false);
            DemoException.Unless(driver is not null, $"no driver has the function of guest {guest.Name}");
            NetFunctionStatus status = await FunctionAsync(vf).ConfigureAwait(false);
            DemoException.Unless(status.Driver == DriverReady, $"the driver of {vf} is at '{status.Driver}', not '{DriverReady}'");
            found.Add($"{guest.Name}: {driver}");
        }

        return string.Join(", ", found);
    }

    private async Task<string> PingAsync()
    {
        PingResult result = await PingAsync(SecondAddress, Pings, isPatient: true).ConfigureAwait(false);
        Summary = Summary with { PingLossPercent = result.LossPercent, PingMilliseconds = Math.Round(result.RoundTripMilliseconds, 3) };
        DemoException.Unless(result.Received == result.Sent, $"{result.Received} of {result.Sent} answered");
        return string.Create(
            CultureInfo.InvariantCulture, $"{result.Received} of {result.Sent} answered, {result.RoundTripMilliseconds:0.000} ms on average");
    }

    private Task<PingResult> PingAsync(string peer, int count, bool isPatient) =>
        First.PingAsync(peer, count, isPatient, Cancelled);

    private async Task<string> StreamAsync()
    {
        StreamResult result = await First.StreamAsync(SecondAddress, maker.Times.Stream, Cancelled).ConfigureAwait(false);
        Summary = Summary with { TcpMbitPerSecond = Math.Round(result.MegabitsPerSecond, 1) };
        DemoException.Unless(result.Bytes > 0, "nothing arrived");
        return string.Create(
            CultureInfo.InvariantCulture,
            $"{result.MegabitsPerSecond:0} Mbit/s, {result.Bytes / 1e6:0} MB in {result.Elapsed.TotalSeconds:0.0} s");
    }

    private async Task<string> IsolateAsync()
    {
        await SetVlanAsync(100).ConfigureAwait(false);
        PingResult apart = await PingAsync(SecondAddress, FewPings, isPatient: false).ConfigureAwait(false);
        await SetVlanAsync(0).ConfigureAwait(false);
        PingResult together = await PingAsync(SecondAddress, FewPings, isPatient: true).ConfigureAwait(false);
        DemoException.Unless(apart.Received == 0, $"{apart.Received} of {apart.Sent} pings passed from no VLAN to VLAN 100");
        DemoException.Unless(together.Received == together.Sent, $"only {together.Received} of {together.Sent} pings passed after vlan=0");
        Summary = Summary with { VlanIsolated = true };
        return $"{SecondVf} vlan=100: 0 of {apart.Sent} pings; vlan=0: {together.Received} of {together.Sent}";
    }

    private Task SetVlanAsync(int vlan) => SetAsync(SecondVf, "vlan", vlan);

    private async Task<string> SpoofAsync()
    {
        long before = (await FunctionAsync(FirstVf).ConfigureAwait(false)).Counters.SpoofDropped;
        await First.SpoofAsync(SecondAddress, SpoofedSource, SpoofedFrames, Cancelled).ConfigureAwait(false);
        long dropped = 0;
        for (long start = Stopwatch.GetTimestamp();
            dropped < SpoofedFrames && Stopwatch.GetElapsedTime(start) < CountersPatience;
            await Task.Delay(CountersRetry, Cancelled).ConfigureAwait(false))
        {
            dropped = (await FunctionAsync(FirstVf).ConfigureAwait(false)).Counters.SpoofDropped - before;
        }

        Summary = Summary with { SpoofDropped = dropped };
        DemoException.Unless(dropped == SpoofedFrames, $"{dropped} of {SpoofedFrames} frames were dropped");
        return $"{dropped} of {SpoofedFrames} frames from {SpoofedSource}, counted at {FirstVf}";
    }

    private async Task<string> HotPlugAsync()
    {
        AttachResult attached =
            await Client.AttachAsync(new AttachRequest(SpareVf, Qmp: First.QmpSocket), Cancelled).ConfigureAwait(false);
        await First.TakeFunctionAsync(attached.Socket, PluggedAddress, Cancelled).ConfigureAwait(false);
        foreach (string function in await First.LspciAsync(Cancelled).ConfigureAwait(false))
            Output.Detail($"{First.Name}: {function}");
        PingResult result = await PingAsync(SecondAddressForPlugged, FewPings, isPatient: true).ConfigureAwait(false);
        DemoException.Unless(result.Received == result.Sent, $"{result.Received} of {result.Sent} pings through it were answered");
        long sent = (await FunctionAsync(SpareVf).ConfigureAwait(false)).Counters.TxPackets;
        DemoException.Unless(sent >= result.Sent, $"the pings did not go through {SpareVf}");
        Summary = Summary with { HotPlugged = true };
        return $"{SpareVf} into running guest {First.Name}, {result.Received} of {result.Sent} pings through it";
    }

    private async Task<string> IdleAsync()
    {
        double percent = double.MaxValue;
        for (int tries = 0; tries < IdleTries && percent > QuietCpuPercent; tries++)
        {
            // What has just worked needs its time to fall asleep; the daemon's compiler goes over what was used a moment before.
            await Task.Delay(maker.Times.Settle, Cancelled).ConfigureAwait(false);
            TimeSpan before = Daemon.CpuTime;
            long start = Stopwatch.GetTimestamp();
            await Task.Delay(maker.Times.Idle, Cancelled).ConfigureAwait(false);
            percent = Math.Min(percent, 100 * (Daemon.CpuTime - before) / Stopwatch.GetElapsedTime(start));
        }

        Summary = Summary with { IdleCpuPercent = Math.Round(percent, 2) };
        string found = string.Create(CultureInfo.InvariantCulture, $"{percent:0.0} % of a core over {maker.Times.Idle.TotalSeconds:0.#} s");
        DemoException.Unless(percent <= MostIdleCpuPercent, found);
        return $"{found}, guests attached";
    }

    private async Task<string> KillAsync()
    {
        long start = Stopwatch.GetTimestamp();
        DateTimeOffset atKill = DateTimeOffset.UtcNow;
        int killed = Second.ProcessId;
        Second.Kill();
        await Second.DisposeAsync().ConfigureAwait(false);
        _second = null;
        _second = await maker.BootAsync(_secondPlan!, Cancelled).ConfigureAwait(false);
        PingResult result = await PingAsync(SecondAddress, FewPings, isPatient: true).ConfigureAwait(false);
        TimeSpan recovery = Stopwatch.GetElapsedTime(start);
        NetFunctionStatus status = await FunctionAsync(SecondVf).ConfigureAwait(false);
        DemoException.Unless(status.Attachment?.ProcessId == Second.ProcessId, $"{SecondVf} is not attached to the fresh guest");
        DemoException.Unless(result.Received == result.Sent, $"the fresh guest answered {result.Received} of {result.Sent} pings");
        double attached = Math.Max(0, (status.Attachment!.Since - atKill).TotalSeconds);
        Summary = Summary with
        {
            SurvivedKill = true,
            ReattachSeconds = Math.Round(attached, 2),
            RecoverySeconds = Math.Round(recovery.TotalSeconds, 2),
        };
        return string.Create(
            CultureInfo.InvariantCulture,
            $"process {killed}; a fresh guest has {SecondVf} after {attached:0.0} s and answers after {recovery.TotalSeconds:0.0} s");
    }
}
