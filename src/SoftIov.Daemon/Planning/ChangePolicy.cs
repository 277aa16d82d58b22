using SoftIov.Api;
using SoftIov.Daemon.Configuration;

namespace SoftIov.Daemon.Planning;

/// <summary>Changes the policy of a VF; at once when it is enabled, otherwise when it will be.</summary>
internal sealed record ChangePolicy(string Adapter, int Vf, VfSpec From, VfSpec To) : Step(Adapter)
{
    /// <inheritdoc/>
    public override string Target => $"{Adapter}/{Vf}";

    /// <inheritdoc/>
    public override string Action => $"set {VfSettings.Difference(From, To)}";
}
