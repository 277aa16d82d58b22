namespace SoftIov.Transports.VhostUser;

/// <summary>What happened on one socket since it was opened.</summary>
/// <param name="Sessions">Front-ends that said a word.</param>
/// <param name="RefusedPeers">Connections that were not admitted.</param>
/// <param name="Messages">Messages served, whatever came of them.</param>
/// <param name="RefusedMessages">Messages that were refused.</param>
/// <param name="BrokenSessions">Sessions ended because the front-end broke the protocol or did not read its answers.</param>
public readonly record struct VhostUserCounters(long Sessions, long RefusedPeers, long Messages, long RefusedMessages, long BrokenSessions);
