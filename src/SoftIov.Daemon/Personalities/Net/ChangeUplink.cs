using SoftIov.Api;
using SoftIov.Daemon.Planning;

namespace SoftIov.Daemon.Personalities;

/// <summary>Takes the old uplink out of the switch and puts the new one in.</summary>
internal sealed record ChangeUplink(string Adapter, UplinkSpec Uplink) : AdapterChange(Adapter)
{
    /// <inheritdoc/>
    public override string Action => $"change the uplink to {Uplink}";
}
