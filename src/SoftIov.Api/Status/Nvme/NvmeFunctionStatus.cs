using System.Text.Json.Serialization;

namespace SoftIov.Api;

/// <summary>
/// One NVMe controller as it is. Its driver is <c>none</c>, <c>offline</c>, <c>disabled</c>, <c>ready</c> or <c>fatal</c>.
/// </summary>
public sealed record NvmeFunctionStatus : FunctionStatus
{
    private static readonly NvmeCounters Nothing = new(0, 0, 0, 0, 0, 0, 0, 0, 0, []);

    /// <inheritdoc/>
    public override Personality Personality => Personality.Nvme;

    /// <summary>CNTLID.</summary>
    public required int ControllerId { get; init; }

    /// <summary>Online; the PF always is.</summary>
    public required bool Online { get; init; }

    /// <summary>What the operator wants of it; null for the PF.</summary>
    public NvmeVfSpec? Policy { get; init; }

    /// <summary>I/O queues that the driver made.</summary>
    public required int IoQueues { get; init; }

    /// <summary>NSIDs of the namespaces it has.</summary>
    public required IReadOnlyList<int> Namespaces { get; init; }

    /// <summary>Commands so far.</summary>
    public required NvmeCounters Counters { get; init; }

    /// <inheritdoc/>
    [JsonIgnore]
    public override FunctionCounters Work => Counters;

    /// <inheritdoc/>
    [JsonIgnore]
    public override string GuestDriver => "nvme";

    /// <inheritdoc/>
    [JsonIgnore]
    public override bool IsDriverDone => Driver is "ready" or "fatal";

    /// <inheritdoc/>
    public override FunctionStatus WithoutWork() => this with { Counters = Nothing };
}
