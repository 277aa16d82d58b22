using System.Globalization;

namespace SoftIov.Lab.Demo;

/// <summary>
/// What the demo found, for programs: the last line of <c>softiov demo --json</c>. What was not reached is 0, false or null.
/// </summary>
public sealed record NetSummary : DemoSummary
{
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

    /// <inheritdoc/>
    internal override IEnumerable<(string Name, object? Value)> Rows =>
    [
        ("guests", Guests),
        ("VFs attached", VfsAttached),
        ("ping", PingLossPercent is { } loss ? Text($"{loss:0.#} % lost, {PingMilliseconds:0.000} ms") : null),
        ("TCP, one stream", TcpMbitPerSecond > 0 ? Text($"{TcpMbitPerSecond:0} Mbit/s") : null),
        ("a VLAN isolates", VlanIsolated),
        ("spoofed frames dropped", SpoofDropped),
        ("hot-plug", HotPlugged),
        ("kill -9 and a fresh guest", SurvivedKill ? Text($"yes, VF attached again after {ReattachSeconds:0.0} s") : false),
        ("daemon's CPU when idle", IdleCpuPercent is { } idle ? Text($"{idle:0.0} %") : null),
    ];

    private static string Text(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);
}
