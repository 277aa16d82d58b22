namespace SoftIov.Benchmarks.Peers;

/// <summary>Median of the runs of one figure.</summary>
/// <param name="Switch">softiov, ovs or vhostIo.</param>
/// <param name="Mode">uni or loop.</param>
/// <param name="Ring">split or packed.</param>
/// <param name="Size">Frame size on a wire.</param>
/// <param name="Mpps">Million frames that arrived per second, both ways added.</param>
/// <param name="BusyNsPerFrame">Time the switch worked per frame; less than the time between frames when the client is the limit.</param>
internal sealed record PeerResult(string Switch, string Mode, string Ring, int Size, double Mpps, double? BusyNsPerFrame);
