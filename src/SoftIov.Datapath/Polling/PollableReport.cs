namespace SoftIov.Datapath;

/// <summary>Where a pollable is and what it takes.</summary>
/// <param name="Name">What it is called.</param>
/// <param name="Poller">Number of its poller.</param>
/// <param name="BusyShare">Part of one processor that its work took between the last two looks of the balancer, 0..1.</param>
public sealed record PollableReport(string Name, int Poller, double BusyShare);
