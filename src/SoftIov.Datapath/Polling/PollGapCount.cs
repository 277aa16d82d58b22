namespace SoftIov.Datapath;

/// <summary>Gaps between two rounds that were of about one length.</summary>
/// <param name="Below">They were shorter than this, and not shorter than the one before it.</param>
/// <param name="Count">How many.</param>
public readonly record struct PollGapCount(TimeSpan Below, long Count);
