using SoftIov.Daemon.Hosting;
using SoftIov.Datapath;
using SoftIov.Linux;
using SoftIov.Transports;
using SoftIov.Transports.Backings;
using SoftIov.Transports.Uplinks;
using SoftIov.Transports.VfioUser;
using SoftIov.Transports.VhostUser;

namespace SoftIov.Daemon.Composition;

/// <summary>What all adapters of the daemon share.</summary>
/// <param name="Scheduler">The poller threads.</param>
/// <param name="Sleeps">How the poller threads sleep, in their order.</param>
/// <param name="Uplinks">Opens uplinks.</param>
/// <param name="Server">Serves functions to VMMs.</param>
/// <param name="OpenServer">Makes another one, by the name of its thread, for who should not keep the others waiting.</param>
/// <param name="VhostServer">Serves rings of net VFs to front-ends.</param>
/// <param name="States">Where functions keep their state.</param>
/// <param name="Events">Who wants to hear.</param>
/// <param name="RuntimeDirectory">Adapters have a directory in it for their sockets.</param>
/// <param name="Time">The clock.</param>
/// <param name="Stores">Opens what nvme adapters keep their bytes in.</param>
/// <param name="StateDirectory">What survives a restart is in it.</param>
/// <param name="Pollers">What pollers do.</param>
internal sealed record AdapterContext(
    PollScheduler Scheduler,
    IReadOnlyList<EpollSleep> Sleeps,
    Uplinks Uplinks,
    VfioUserServer Server,
    Func<string, VfioUserServer> OpenServer,
    VhostUserServer VhostServer,
    MemfdStateStore States,
    EventHub Events,
    string RuntimeDirectory,
    TimeProvider Time,
    BlockStores Stores,
    string StateDirectory,
    PollerStatistics Pollers)
{
    /// <summary>Tells everybody, by another thread: for pollers and for whoever holds a lock.</summary>
    public void PublishLater(Api.EventKind kind, string target, string message) => ThreadPool.UnsafeQueueUserWorkItem(
        static one => one.Events.Publish(one.Kind, one.Target, one.Message),
        (Events, Kind: kind, Target: target, Message: message),
        preferLocal: false);
}
