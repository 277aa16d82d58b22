using SoftIov.Memory;

namespace SoftIov.Pcie;

/// <summary>What all functions of a device share.</summary>
internal sealed record SriovDeviceOptions
{
    /// <summary>Where state pages live.</summary>
    public required IStateStore State { get; init; }

    /// <summary>How DMA domains wait for pollers.</summary>
    public required IQuiescence Quiescence { get; init; }

    /// <summary>Where refused DMA is recorded.</summary>
    public required DmaFaultLog Faults { get; init; }

    /// <summary>The clock.</summary>
    public required TimeProvider Time { get; init; }

    /// <summary>How long software is made to wait.</summary>
    public SriovTiming Timing { get; init; } = SriovTiming.Shortest;

    /// <summary>Serial number; 0 for none.</summary>
    public ulong SerialNumber { get; init; }

    /// <summary>No_Soft_Reset of PFs.</summary>
    public bool NoSoftReset { get; init; } = true;
}
