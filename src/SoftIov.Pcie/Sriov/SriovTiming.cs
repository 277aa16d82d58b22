namespace SoftIov.Pcie;

/// <summary>
/// How long the device lets software wait. Software waits 100 ms after VF Enable before it talks to a VF and must be patient for 1 s in
/// all (PCIe 9.3.3.3.1); until it is ready a function answers with request retry status.
/// </summary>
public sealed record SriovTiming
{
    /// <summary>The longest a VF may take.</summary>
    public static readonly TimeSpan LongestStart = TimeSpan.FromSeconds(1);

    /// <summary>Everything is ready at once: the shortest that software can see.</summary>
    public static SriovTiming Shortest { get; } = new();

    /// <summary>From VF Enable until VFs answer, at most <see cref="LongestStart"/>.</summary>
    public TimeSpan VfReadyAfter { get; init; }

    /// <summary>From a reset of the PF until it answers, at most <see cref="LongestStart"/>.</summary>
    public TimeSpan ResetReadyAfter { get; init; }

    /// <summary>Throws when either lies outside 0..<see cref="LongestStart"/>.</summary>
    internal void Check()
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(VfReadyAfter, TimeSpan.Zero, nameof(VfReadyAfter));
        ArgumentOutOfRangeException.ThrowIfGreaterThan(VfReadyAfter, LongestStart, nameof(VfReadyAfter));
        ArgumentOutOfRangeException.ThrowIfLessThan(ResetReadyAfter, TimeSpan.Zero, nameof(ResetReadyAfter));
        ArgumentOutOfRangeException.ThrowIfGreaterThan(ResetReadyAfter, LongestStart, nameof(ResetReadyAfter));
    }
}
