namespace SoftIov.Api;

/// <summary>Events that happened before.</summary>
/// <param name="Events">Oldest first.</param>
public sealed record EventsResult(IReadOnlyList<DaemonEvent> Events);
