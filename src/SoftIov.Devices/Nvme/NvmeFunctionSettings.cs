namespace SoftIov.Devices.Nvme;

/// <summary>What an operator decides about a controller before it exists. Constant for its life.</summary>
public sealed record NvmeFunctionSettings
{
    /// <summary>For logs, errors and state pages, for example disk0/3.</summary>
    public required string Name { get; init; }

    /// <summary>VF number, from 0; null for the PF.</summary>
    public int? Vf { get; init; }

    /// <summary>I/O queue pairs, 1..64.</summary>
    public int QueuePairs { get; init; } = 4;

    /// <summary>Interrupts the function has.</summary>
    public NvmeInterrupts Interrupts { get; init; } = NvmeInterrupts.Msix;

    /// <summary>How doorbells reach the controller.</summary>
    public DoorbellMode Doorbells { get; init; } = DoorbellMode.Trapped;

    /// <summary>Throws an <see cref="ArgumentException"/> that names the first value out of its range.</summary>
    internal void Validate()
    {
        ArgumentException.ThrowIfNullOrEmpty(Name);
        ArgumentOutOfRangeException.ThrowIfNotEqual(QueuePairs is >= 1 and <= QueueLimits.IoPairs, true, nameof(QueuePairs));
    }
}
