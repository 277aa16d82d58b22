using SoftIov.Api;
using SoftIov.Daemon.Composition;
using SoftIov.Daemon.Configuration;
using SoftIov.Pcie;

namespace SoftIov.Daemon.Faults;

/// <summary>What is in force, for people.</summary>
internal static class FaultsInForce
{
    /// <summary>In an adapter with all its functions, enabled or not, or in one function.</summary>
    public static IReadOnlyList<InjectedFault> In(SoftwareAdapter adapter, TargetName target)
    {
        var all = new List<InjectedFault>();
        if (target.Part != TargetPart.Adapter)
        {
            AddFunction(all, adapter, target, new FaultPlace(adapter, target).Function("list"));
            return all;
        }

        if (adapter.Device.Injector.IsLinkDown)
            all.Add(new(target.ToString(), FaultTable.LinkDown, "until cleared"));
        AddFunction(all, adapter, new TargetName(target.Adapter, TargetPart.Pf), null);
        for (int vf = 0; vf < adapter.Spec.TotalVfs; vf++)
            AddFunction(all, adapter, new TargetName(target.Adapter, TargetPart.Vf, vf), vf);
        return all;
    }

    private static void AddFunction(List<InjectedFault> all, SoftwareAdapter adapter, TargetName target, int? vf)
    {
        foreach (FaultInForce fault in adapter.Device.Injector.InForce(vf))
            all.Add(new(target.ToString(), NameOf(fault.Kind), LeftOf(fault)));
        if (adapter.Personality is NetPersonality net && net.Ports.IsLinkCut(vf))
            all.Add(new(target.ToString(), FaultTable.LinkDown, "until cleared"));
    }

    private static string NameOf(FaultKind kind) => kind switch
    {
        FaultKind.Late => FaultTable.Late,
        FaultKind.AllOnes => FaultTable.AllOnes,
        FaultKind.LostMessages => FaultTable.LostMsi,
        FaultKind.RepeatedMessages => FaultTable.DuplicateMsi,
        FaultKind.RefusedDma => FaultTable.DmaFault,
        FaultKind.PoisonedReads => FaultTable.Poisoned,
        _ => FaultTable.Retry,
    };

    private static string LeftOf(FaultInForce fault) => fault.Kind switch
    {
        FaultKind.Late => $"{FaultTable.Milliseconds(fault.Time)} each time, until cleared",
        FaultKind.RetryFor => FaultTable.Milliseconds(fault.Time),
        _ => FaultTable.Times(fault.Left),
    };
}
