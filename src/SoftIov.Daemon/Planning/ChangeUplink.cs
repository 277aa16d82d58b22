using SoftIov.Api;

namespace SoftIov.Daemon.Planning;

/// <summary>Takes the old uplink out of the switch and puts the new one in.</summary>
internal sealed record ChangeUplink(string Adapter, UplinkSpec Uplink) : Step(Adapter)
{
    /// <inheritdoc/>
    public override string Action => $"change the uplink to {Uplink}";
}
