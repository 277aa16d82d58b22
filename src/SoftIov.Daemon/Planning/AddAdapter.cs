using SoftIov.Api;
using SoftIov.Daemon.Personalities;

namespace SoftIov.Daemon.Planning;

/// <summary>Makes an adapter with its PF, and no VFs yet.</summary>
internal sealed record AddAdapter(AdapterSpec Spec) : Step(Spec.Name)
{
    /// <inheritdoc/>
    public override string Action => $"add the adapter: {Spec.TotalVfs} VFs at most, {PersonalityRules.Of(Spec).Summary(Spec)}";
}
