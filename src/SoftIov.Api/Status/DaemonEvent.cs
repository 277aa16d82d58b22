namespace SoftIov.Api;

/// <summary>Something that happened in the daemon.</summary>
/// <param name="Sequence">Counts up by one; a gap means that the subscriber was too slow and missed some.</param>
/// <param name="Time">When.</param>
/// <param name="Kind">What.</param>
/// <param name="Target">Adapter or function.</param>
/// <param name="Message">For people.</param>
public sealed record DaemonEvent(long Sequence, DateTimeOffset Time, EventKind Kind, string Target, string Message);
