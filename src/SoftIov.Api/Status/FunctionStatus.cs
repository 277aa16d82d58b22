namespace SoftIov.Api;

/// <summary>One function as it is.</summary>
public sealed record FunctionStatus
{
    /// <summary>How commands name it: <c>net0/pf</c> or <c>net0/3</c>.</summary>
    public required string Target { get; init; }

    /// <summary>VF number from 0; null for the PF.</summary>
    public int? Vf { get; init; }

    /// <summary>Routing id on the adapter's own bus, as lspci prints it.</summary>
    public required string RoutingId { get; init; }

    /// <summary>Current MAC address.</summary>
    public required string Mac { get; init; }

    /// <summary>Policy in force; null for the PF.</summary>
    public VfSpec? Policy { get; init; }

    /// <summary>Link as the function sees it.</summary>
    public required bool LinkUp { get; init; }

    /// <summary>Socket that serves it by vfio-user; null when it is not served.</summary>
    public string? Socket { get; init; }

    /// <summary>Who is attached; null when nobody is.</summary>
    public AttachmentStatus? Attachment { get; init; }

    /// <summary>
    /// How far the guest's driver came: <c>none</c>, <c>reset</c>, <c>acknowledged</c>, <c>driver-ok</c>, <c>needs-reset</c>,
    /// <c>failed</c>.
    /// </summary>
    public required string Driver { get; init; }

    /// <summary>Traffic so far.</summary>
    public required FunctionCounters Counters { get; init; }
}
