namespace SoftIov.Transports.VfioUser;

/// <summary>What happened on one socket since it was opened.</summary>
/// <param name="Sessions">Clients that agreed on a version.</param>
/// <param name="RefusedPeers">Connections that were not admitted.</param>
/// <param name="Commands">Commands served, whatever came of them.</param>
/// <param name="RefusedCommands">Commands answered with an error, or dropped where no answer was asked for.</param>
/// <param name="BrokenSessions">Sessions ended because the client broke the protocol or did not read its answers.</param>
/// <param name="MessageAccesses">DMA accesses made by messages.</param>
/// <param name="FailedMessageAccesses">Of those, the ones that were refused, cancelled or not answered.</param>
public readonly record struct VfioUserCounters(
    long Sessions,
    long RefusedPeers,
    long Commands,
    long RefusedCommands,
    long BrokenSessions,
    long MessageAccesses,
    long FailedMessageAccesses);
