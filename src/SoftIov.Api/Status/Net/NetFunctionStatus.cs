using System.Text.Json.Serialization;

namespace SoftIov.Api;

/// <summary>
/// One network function as it is. Its driver is <c>none</c>, <c>reset</c>, <c>acknowledged</c>, <c>driver-ok</c>, <c>needs-reset</c> or
/// <c>failed</c>.
/// </summary>
public sealed record NetFunctionStatus : FunctionStatus
{
    private static readonly NetCounters Nothing = new(0, 0, 0, 0, 0, 0, 0, 0, 0, 0);

    /// <inheritdoc/>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)]
    public override Personality Personality => Personality.Net;

    /// <summary>Current MAC address.</summary>
    public required string Mac { get; init; }

    /// <summary>Policy in force; null for the PF.</summary>
    public NetVfSpec? Policy { get; init; }

    /// <summary>Link as the function sees it.</summary>
    public required bool LinkUp { get; init; }

    /// <summary>Traffic so far.</summary>
    public required NetCounters Counters { get; init; }

    /// <inheritdoc/>
    [JsonIgnore]
    public override FunctionCounters Work => Counters;

    /// <inheritdoc/>
    [JsonIgnore]
    public override string GuestDriver => "virtio_net";

    /// <inheritdoc/>
    [JsonIgnore]
    public override bool IsDriverDone => Driver is "driver-ok" or "failed";

    /// <inheritdoc/>
    public override FunctionStatus WithoutWork() => this with { Counters = Nothing };
}
