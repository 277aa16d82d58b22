using SoftIov.Api;
using SoftIov.Daemon.Personalities;

namespace SoftIov.Daemon.Planning;

/// <summary>Changes the policy of a VF; at once when it is enabled, otherwise when it will be.</summary>
internal sealed record ChangePolicy(string Adapter, Personality Personality, int Vf, VfSpec From, VfSpec To) : Step(Adapter)
{
    /// <inheritdoc/>
    public override string Target => $"{Adapter}/{Vf}";

    /// <inheritdoc/>
    public override string Action => $"set {PersonalityRules.Of(Personality).Difference(From, To)}";
}
