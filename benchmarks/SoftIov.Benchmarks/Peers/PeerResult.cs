namespace SoftIov.Benchmarks.Peers;

/// <summary>One figure: the run with the median rate.</summary>
/// <param name="Switch">softiov, ovs or vhostIo.</param>
/// <param name="Mode">uni or loop.</param>
/// <param name="Ring">split or packed.</param>
/// <param name="Size">Frame size on a wire.</param>
/// <param name="Mpps">Million frames that arrived per second, both ways added.</param>
/// <param name="BusyNsPerFrame">
/// Time the switch worked per frame that arrived; less than the time between frames when the client is the limit. Null when none arrived.
/// </param>
/// <param name="BusyCyclesPerFrame">The same in cycles of the time-stamp counter.</param>
internal sealed record PeerResult(
    string Switch, string Mode, string Ring, int Size, double Mpps, double? BusyNsPerFrame, double? BusyCyclesPerFrame)
{
    /// <summary>Time between two frames; null when none arrived.</summary>
    public double? NsPerFrame => Inverse(Mpps, 1e3);

    /// <summary>Frames that a switch which is never idle would move in a microsecond.</summary>
    public double? FramesPerBusyMicrosecond => Inverse(BusyNsPerFrame, 1e3);

    /// <summary>Frames per cycle of work.</summary>
    public double? FramesPerBusyCycle => Inverse(BusyCyclesPerFrame, 1);

    /// <summary>JSON has no word for infinity.</summary>
    private static double? Inverse(double? figure, double of) => figure > 0 ? of / figure : null;
}
