namespace SoftIov.Api;

/// <summary>One net adapter as it is.</summary>
public sealed record NetAdapterStatus : AdapterStatus
{
    /// <inheritdoc/>
    public override Personality Personality => Personality.Net;

    /// <summary>Bytes.</summary>
    public required int Mtu { get; init; }

    /// <summary>Uplink and whether its link is up.</summary>
    public required UplinkStatus Uplink { get; init; }
}
