namespace SoftIov.Lab.Demo;

/// <summary>
/// What the demo found, for programs: the last line of <c>softiov demo --json</c>. What was not reached is 0, false or null.
/// </summary>
public sealed record DemoSummary
{
    /// <summary>Whether everything held; the exit code says the same.</summary>
    public bool Ok { get; init; }

    /// <summary>Kind of guests: <c>qemu</c> or <c>in-process</c>.</summary>
    public string Guests { get; init; } = "";

    /// <summary>VFs that guests had attached when both were up.</summary>
    public int VfsAttached { get; init; }

    /// <summary>Pings between guests that were not answered, 0 to 100; null when none was sent.</summary>
    public double? PingLossPercent { get; init; }

    /// <summary>Mean time of a ping.</summary>
    public double? PingMilliseconds { get; init; }

    /// <summary>Payload of one TCP stream between guests.</summary>
    public double TcpMbitPerSecond { get; init; }

    /// <summary>Whether a VLAN on one of both VFs cut the guests off each other, and its removal joined them again.</summary>
    public bool VlanIsolated { get; init; }

    /// <summary>Frames with a false source address that the daemon stopped and counted.</summary>
    public long SpoofDropped { get; init; }

    /// <summary>Whether a function plugged into a running guest worked.</summary>
    public bool HotPlugged { get; init; }

    /// <summary>Whether a fresh guest could use the VF of one that was killed.</summary>
    public bool SurvivedKill { get; init; }

    /// <summary>From the kill until the fresh guest's VMM was attached to the VF.</summary>
    public double? ReattachSeconds { get; init; }

    /// <summary>From the kill until the fresh guest answered pings, its boot included.</summary>
    public double? RecoverySeconds { get; init; }

    /// <summary>CPU time of the daemon while all guests were idle, 100 for one core.</summary>
    public double? IdleCpuPercent { get; init; }

    /// <summary>The whole demo.</summary>
    public double Seconds { get; init; }

    /// <summary>Steps that did not hold.</summary>
    public IReadOnlyList<string> Failed { get; init; } = [];
}
