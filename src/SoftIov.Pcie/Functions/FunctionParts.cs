using SoftIov.Memory;

namespace SoftIov.Pcie;

/// <summary>What a function is made of, and how it sits in its device.</summary>
internal sealed record FunctionParts
{
    public required string Name { get; init; }

    public required IPersonality Personality { get; init; }

    public required DmaDomain Dma { get; init; }

    public required StatePage<FunctionPage> Page { get; init; }

    /// <summary>The PF of a VF; null in a PF.</summary>
    public PciFunction? Physical { get; init; }

    /// <summary>Where its messages go on the bus.</summary>
    public IMessageSignal? Messages { get; init; }

    /// <summary>Serial number of the device; 0 leaves the capability out.</summary>
    public ulong SerialNumber { get; init; }

    /// <summary>No_Soft_Reset of the PF.</summary>
    public bool NoSoftReset { get; init; } = true;

    /// <summary>The device has more than one PF.</summary>
    public bool IsMultiFunction { get; init; }

    /// <summary>Function number of the next PF in the ARI chain, 0 in the last.</summary>
    public byte NextFunction { get; init; }

    /// <summary>The SR-IOV capability of a PF; null in a VF and in a lone endpoint.</summary>
    public Capability? Sriov { get; init; }

    /// <summary>Function level reset from the bus; null when it is the same as through the assigned view.</summary>
    public Action? ResetFromBus { get; init; }

    /// <summary>Reset by leaving D3hot without No_Soft_Reset.</summary>
    public Action? ResetFromPower { get; init; }

    /// <summary>Whether requests may go up from the bus; null on no bus.</summary>
    public Func<bool>? IsUpstreamOpen { get; init; }

    /// <summary>The power state on the bus changed.</summary>
    public Action? BusPowerChanged { get; init; }
}
