namespace SoftIov.Datapath;

/// <summary>A pollable that is better off at another poller.</summary>
internal readonly record struct PollMove(PollHandle Handle, Poller To);
