using SoftIov.Memory;

namespace SoftIov.Pcie;

/// <summary>What an adapter is made of.</summary>
public sealed record SriovAdapterOptions
{
    /// <summary>Name of the adapter, for example net0; its functions are net0/pf, net0/0, net0/1...</summary>
    public required string Name { get; init; }

    /// <summary>What the PF is.</summary>
    public required IPersonality Physical { get; init; }

    /// <summary>What its VFs are.</summary>
    public required IVirtualFunctionFactory Virtuals { get; init; }

    /// <summary>TotalVFs, 0..65535; 0 makes a PF without SR-IOV.</summary>
    public required int TotalVfs { get; init; }

    /// <summary>Where state pages live.</summary>
    public required IStateStore State { get; init; }

    /// <summary>How DMA domains wait for pollers.</summary>
    public required IQuiescence Quiescence { get; init; }

    /// <summary>The clock.</summary>
    public TimeProvider Time { get; init; } = TimeProvider.System;

    /// <summary>How long the device makes software wait.</summary>
    public SriovTiming Timing { get; init; } = SriovTiming.Shortest;

    /// <summary>Device serial number (an EUI-64); 0 for none.</summary>
    public ulong SerialNumber { get; init; }

    /// <summary>Fault records kept, of all functions together.</summary>
    public int FaultLogCapacity { get; init; } = 256;
}
