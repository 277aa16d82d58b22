namespace SoftIov.Daemon.Composition;

/// <summary>What a function's socket tells.</summary>
/// <param name="Attached">Somebody came.</param>
/// <param name="Detached">It went, and why.</param>
/// <param name="Warned">Something will not do it any good.</param>
internal sealed record SocketEvents(Action Attached, Action<string> Detached, Action<string> Warned);
