using SoftIov.Api;
using SoftIov.Daemon.Composition;
using SoftIov.Daemon.Configuration;
using SoftIov.Pcie;

namespace SoftIov.Daemon.Faults;

/// <summary>Where a fault is to be injected, with the reasons why it may not be there.</summary>
/// <param name="Adapter">The adapter.</param>
/// <param name="Target">What was named of it.</param>
internal sealed record FaultPlace(SoftwareAdapter Adapter, TargetName Target)
{
    /// <summary>What breaks the PCIe side.</summary>
    public FaultInjector Injector => Adapter.Device.Injector;

    /// <summary>One VM has the adapter whole.</summary>
    public bool IsWhole => Adapter.Whole is not null;

    /// <summary>VF number, null for the PF. Throws when the target is no function: VFs need not be enabled, but must be possible.</summary>
    public int? Function(string fault) => Target.Part switch
    {
        TargetPart.Pf => null,
        TargetPart.Vf when Target.Vf < Adapter.Spec.TotalVfs => Target.Vf,
        TargetPart.Vf => throw ControlException.Because(
            ControlErrorCode.NotFound,
            $"{Target.Adapter} has no VF {Target.Vf}",
            $"name a VF in 0 to {Adapter.Spec.TotalVfs - 1}"),
        _ => throw Refused(
            $"'{fault}' is a fault of one function, and {Target} is none", $"name a VF ({Target.Adapter}/0) or the PF ({Target.Adapter}/pf)"),
    };

    /// <summary>The same, and a VF has to be enabled.</summary>
    public int? EnabledFunction(string fault) => Function(fault) is { } vf
        ? IsEnabled(vf) ? vf : throw ControlException.Because(
            ControlErrorCode.NotFound, $"{Target} is not enabled: nothing is there that '{fault}' could happen to", "enable it first")
        : null;

    /// <summary>Whether VF <paramref name="vf"/> is there.</summary>
    public bool IsEnabled(int vf) => vf < Adapter.VfCount;

    /// <summary>The network that the adapter's functions are in; null when they are in none.</summary>
    public NetPersonality? Network => Adapter.Personality as NetPersonality;

    /// <summary>A refusal.</summary>
    public static ControlException Refused(string why, string fix) =>
        ControlException.Because(ControlErrorCode.InvalidParameters, why, fix);
}
