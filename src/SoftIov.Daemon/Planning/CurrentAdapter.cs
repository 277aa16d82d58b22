using SoftIov.Api;
using SoftIov.Daemon.Configuration;

namespace SoftIov.Daemon.Planning;

/// <summary>One adapter as it was realised, for the planner.</summary>
/// <param name="Spec">What it was made from and changed to; <see cref="AdapterSpec.NumVfs"/> is what is really enabled.</param>
/// <param name="Attached">Functions with a client: VF numbers, <see cref="Pf"/> for the PF, <see cref="Whole"/> for all.</param>
/// <param name="IsUndividedLeased">Whether somebody has a lease of the PF, or of the adapter whole, whichever is served.</param>
internal sealed record CurrentAdapter(AdapterSpec Spec, IReadOnlySet<int> Attached, bool IsUndividedLeased = false)
{
    /// <summary>Stands for the PF in <see cref="Attached"/>.</summary>
    public const int Pf = -1;

    /// <summary>Stands for the adapter whole in <see cref="Attached"/>.</summary>
    public const int Whole = -2;

    /// <summary>Whether <paramref name="target"/> is of this adapter and has a socket.</summary>
    public bool Has(TargetName target) => target.Adapter == Spec.Name && target.Part switch
    {
        TargetPart.Adapter => Spec.Whole,
        TargetPart.Pf => !Spec.Whole,
        TargetPart.Vf => target.Vf < Spec.NumVfs,
        _ => false,
    };
}
