namespace SoftIov.Lab.Demo;

/// <summary>
/// What the demo of an NVMe adapter found, for programs: the last line of <c>softiov demo --nvme --json</c>. What was not reached is 0, false
/// or null.
/// </summary>
public sealed record DiskSummary : DemoSummary
{
    /// <summary>Release of the guests' kernel.</summary>
    public string Kernel { get; init; } = "";

    /// <summary>VFs that a guest's driver uses, as the daemon sees it.</summary>
    public int VfsAttached { get; init; }

    /// <summary>Blocks that fio wrote, of 4 to 64 KiB, in both guests at once.</summary>
    public int BlocksWritten { get; init; }

    /// <summary>Blocks whose checksum fio found wrong; null before any was read.</summary>
    public int? VerifyErrors { get; init; }

    /// <summary>Whether each guest has one disk, finds nothing of the other's on it, cannot harm it, and still has all of its own.</summary>
    public bool Isolated { get; init; }

    /// <summary>MB a second that a guest read below its ceiling of <see cref="CeilingMegabytesPerSecond"/>.</summary>
    public double CappedMegabytesPerSecond { get; init; }

    /// <summary>The ceiling, in MB a second.</summary>
    public int CeilingMegabytesPerSecond { get; init; }

    /// <summary>MB a second that the other guest read at the same time.</summary>
    public double NeighbourMegabytesPerSecond { get; init; }

    /// <summary>Whether the ceiling held, and held for nobody else.</summary>
    public bool QosCeilingHeld { get; init; }

    /// <inheritdoc/>
    internal override IEnumerable<(string Name, object? Value)> Rows =>
    [
        ("guests' kernel", Kernel),
        ("VFs attached", VfsAttached),
        ("blocks written", BlocksWritten),
        ("blocks that differ", VerifyErrors),
        ("isolated", Isolated),
        ("ceiling held", QosCeilingHeld ? $"{CappedMegabytesPerSecond} of {CeilingMegabytesPerSecond} MB/s" : false),
    ];
}
