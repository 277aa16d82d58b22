using System.Globalization;
using SoftIov.Api;
using SoftIov.Daemon.Composition;
using SoftIov.Daemon.Configuration;
using SoftIov.Memory;

namespace SoftIov.Daemon.Faults;

/// <summary>All faults by name: what they need, where they make no sense and why, and what they do.</summary>
internal static class FaultTable
{
    /// <summary>Ends what is in force.</summary>
    public const string Clear = "clear";

    /// <summary>Request retry status.</summary>
    public const string Retry = "retry";

    /// <summary>Late readiness.</summary>
    public const string Late = "late";

    /// <summary>Reads of all ones.</summary>
    public const string AllOnes = "all-ones";

    /// <summary>Lost messages.</summary>
    public const string LostMsi = "lost-msi";

    /// <summary>Repeated messages.</summary>
    public const string DuplicateMsi = "duplicate-msi";

    /// <summary>Refused DMA.</summary>
    public const string DmaFault = "dma-fault";

    /// <summary>Poisoned completions.</summary>
    public const string Poisoned = "poisoned";

    /// <summary>A link that is down.</summary>
    public const string LinkDown = "link-down";

    private const string VfEnableClear = "vf-enable-clear";

    /// <summary>The faults, in the order they are shown.</summary>
    public static IReadOnlyList<FaultDescription> All { get; } =
    [
        new(Retry, ["count", "ms"], RetryConfig),
        new(Late, ["ms"], StartLate),
        new(AllOnes, ["count"], ReadAllOnes),
        new(LostMsi, ["count"], LoseMessages),
        new(DuplicateMsi, ["count"], RepeatMessages),
        new(DmaFault, ["count"], RefuseDma),
        new(Poisoned, ["count"], PoisonReads),
        new(ErrorFaults.Name, [ErrorFaults.Key], ErrorFaults.Inject),
        new(VfEnableClear, [], LoseVfEnable),
        new(LinkDown, [], CutLink),
        new(Clear, [], End),
    ];

    /// <summary>Injects a fault by name; what was done, in one sentence.</summary>
    public static string Inject(FaultPlace place, string name, IReadOnlyDictionary<string, string> values)
    {
        FaultDescription fault = All.FirstOrDefault(f => f.Name == name)
            ?? throw FaultPlace.Refused($"there is no fault '{name}'", Spelling.Suggest(name, All.Select(f => f.Name)));
        var read = new FaultValues(name, values);
        read.Allow(fault.Keys);
        return $"{place.Target}: {fault.Inject(place, read)}";
    }

    /// <summary>A count for people.</summary>
    public static string Times(int count) => count switch
    {
        Countdown.Forever => "until cleared",
        1 => "once",
        _ => string.Create(CultureInfo.InvariantCulture, $"{count} times"),
    };

    /// <summary>A time for people.</summary>
    public static string Milliseconds(TimeSpan time) =>
        string.Create(CultureInfo.InvariantCulture, $"{Math.Ceiling(time.TotalMilliseconds):0} ms");

    private static string RetryConfig(FaultPlace place, FaultValues values)
    {
        int? vf = place.Function(Retry);
        if (vf is { } number && !place.IsWhole && place.IsEnabled(number))
        {
            throw FaultPlace.Refused(
                $"{place.Target} is served to one VM singly, and a VMM has no word for retry status",
                $"use {AllOnes}, or serve the adapter whole: softiov set {place.Target.Adapter} whole=true");
        }

        if (values.Time is { } time)
        {
            if (values.Count is not null)
                throw FaultPlace.Refused("either count or ms", "count requests, or let time pass");
            place.Injector.RetryConfig(vf, time);
            return $"configuration requests get retry status for {Milliseconds(time)}";
        }

        int count = values.Count ?? 1;
        place.Injector.RetryConfig(vf, count);
        return $"configuration requests get retry status {Times(count)}";
    }

    private static string StartLate(FaultPlace place, FaultValues values)
    {
        int? vf = place.Function(Late);
        TimeSpan time = values.Time ?? throw FaultPlace.Refused($"'{Late}' needs ms", $"softiov inject {place.Target} {Late} ms=1500");
        if (!place.IsWhole && vf is null)
        {
            throw FaultPlace.Refused(
                $"{place.Target} is served to one VM singly, and a VMM has no word for a function that is not ready",
                $"serve the adapter whole: softiov set {place.Target.Adapter} whole=true");
        }

        place.Injector.StartLate(vf, time);
        string ready = $"ready only {Milliseconds(time)} after";
        if (!place.IsWhole)
            return $"{ready} VF Enable; resets by the VM that has it singly take no longer";
        return vf is null ? $"{ready} each of its resets" : $"{ready} VF Enable and each of its resets";
    }

    private static string ReadAllOnes(FaultPlace place, FaultValues values)
    {
        int count = values.Count ?? Countdown.Forever;
        place.Injector.ReadAllOnes(place.Function(AllOnes), count);
        return $"configuration reads give all ones {Times(count)}";
    }

    private static string LoseMessages(FaultPlace place, FaultValues values)
    {
        int count = values.Count ?? 1;
        place.Injector.LoseMessages(WithMessages(place, LostMsi), count);
        return $"an interrupt is lost, {Times(count)}";
    }

    private static string RepeatMessages(FaultPlace place, FaultValues values)
    {
        int count = values.Count ?? 1;
        place.Injector.RepeatMessages(WithMessages(place, DuplicateMsi), count);
        return $"an interrupt is sent twice, {Times(count)}";
    }

    private static string RefuseDma(FaultPlace place, FaultValues values)
    {
        int count = values.Count ?? 1;
        place.Injector.RefuseDma(place.Function(DmaFault), count);
        return $"a DMA access is refused, {Times(count)}";
    }

    private static string PoisonReads(FaultPlace place, FaultValues values)
    {
        int count = values.Count ?? 1;
        place.Injector.PoisonReads(place.Function(Poisoned), count);
        return $"the completion of a DMA read is poisoned, {Times(count)}";
    }

    private static string LoseVfEnable(FaultPlace place, FaultValues values)
    {
        if (place.Target.Part == TargetPart.Vf)
            throw FaultPlace.Refused("VF Enable is the PF's", $"softiov inject {place.Target.Adapter}/pf {VfEnableClear}");
        int vfs = place.Adapter.VfCount;
        if (vfs == 0)
            throw FaultPlace.Refused($"{place.Target.Adapter} has no VFs enabled", "enable VFs first");
        place.Injector.LoseVfEnable();
        return $"VF Enable went to 0, and {vfs} VFs are gone";
    }

    private static string CutLink(FaultPlace place, FaultValues values)
    {
        if (place.Target.Part != TargetPart.Adapter)
        {
            NetPersonality network = place.Network ?? throw FaultPlace.Refused(
                $"{place.Target} has no network link", $"softiov inject {place.Target.Adapter} {LinkDown} takes a whole adapter's PCIe link down");
            network.Ports.CutLink(place.Function(LinkDown), isCut: true);
            return "the network link is down";
        }

        if (!place.IsWhole)
        {
            throw FaultPlace.Refused(
                $"nobody sees the PCIe link of {place.Target}: its functions are served singly",
                $"name a function to take its network link down ({place.Target}/0), or softiov set {place.Target} whole=true");
        }

        place.Injector.IsLinkDown = true;
        return "the PCIe link is down";
    }

    private static string End(FaultPlace place, FaultValues values)
    {
        if (place.Target.Part == TargetPart.Adapter)
        {
            place.Injector.ClearAll();
            place.Network?.Ports.MendLinks();
            return "nothing is injected any more, nor into its functions";
        }

        int? vf = place.Function(Clear);
        place.Injector.Clear(vf);
        place.Network?.Ports.CutLink(vf, isCut: false);
        return "nothing is injected any more";
    }

    /// <summary>A function that has messages to lose.</summary>
    private static int? WithMessages(FaultPlace place, string fault)
    {
        int? vf = place.Function(fault);
        bool hasPin = vf is { } number && place.Adapter.Spec.Vf(number).Interrupts == InterruptMode.Intx;
        return !hasPin ? vf : throw FaultPlace.Refused(
            $"{place.Target} has an interrupt pin and no MSI-X", $"softiov set {place.Target} interrupts=msix, before it is enabled");
    }
}
