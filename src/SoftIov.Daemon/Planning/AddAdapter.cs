using SoftIov.Api;

namespace SoftIov.Daemon.Planning;

/// <summary>Makes an adapter with its PF, switch and uplink, and no VFs yet.</summary>
internal sealed record AddAdapter(AdapterSpec Spec) : Step(Spec.Name)
{
    /// <inheritdoc/>
    public override string Action => $"add the adapter: {Spec.TotalVfs} VFs at most, uplink {Spec.Uplink}, mtu {Spec.Mtu}";
}
