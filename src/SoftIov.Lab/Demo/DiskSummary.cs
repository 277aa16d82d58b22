namespace SoftIov.Lab.Demo;

/// <summary>
/// What the demo of an NVMe adapter found, for programs: the last line of <c>softiov demo --nvme --json</c>. What was not reached is 0, false
/// or null.
/// </summary>
public sealed record DiskSummary
{
    /// <summary>Whether everything held; the exit code says the same.</summary>
    public bool Ok { get; init; }

    /// <summary>Release of the guests' kernel.</summary>
    public string Kernel { get; init; } = "";

    /// <summary>VFs that a guest's driver uses, as the daemon sees it.</summary>
    public int VfsAttached { get; init; }

    /// <summary>Blocks of 64 KiB that were written, by both guests at once.</summary>
    public int BlocksWritten { get; init; }

    /// <summary>Blocks that were not read back as they were written; null before any was read.</summary>
    public int? VerifyErrors { get; init; }

    /// <summary>Whether each guest has one disk, and finds nothing of the other's on it.</summary>
    public bool Isolated { get; init; }

    /// <summary>MB a second that a guest read below its ceiling of <see cref="CeilingMegabytesPerSecond"/>.</summary>
    public double CappedMegabytesPerSecond { get; init; }

    /// <summary>The ceiling, in MB a second.</summary>
    public int CeilingMegabytesPerSecond { get; init; }

    /// <summary>MB a second that the other guest read at the same time.</summary>
    public double NeighbourMegabytesPerSecond { get; init; }

    /// <summary>Whether the ceiling held, and held for nobody else.</summary>
    public bool QosCeilingHeld { get; init; }

    /// <summary>How long everything took.</summary>
    public double Seconds { get; init; }

    /// <summary>Names of steps that did not hold.</summary>
    public IReadOnlyList<string> Failed { get; init; } = [];
}
