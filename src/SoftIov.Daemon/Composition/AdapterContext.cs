using SoftIov.Daemon.Hosting;
using SoftIov.Datapath;
using SoftIov.Linux;
using SoftIov.Transports;
using SoftIov.Transports.Uplinks;
using SoftIov.Transports.VfioUser;

namespace SoftIov.Daemon.Composition;

/// <summary>What all adapters of the daemon share.</summary>
/// <param name="Scheduler">The poller threads.</param>
/// <param name="Sleeps">How the poller threads sleep, in their order.</param>
/// <param name="Uplinks">Opens uplinks.</param>
/// <param name="Server">Serves functions to VMMs.</param>
/// <param name="States">Where functions keep their state.</param>
/// <param name="Events">Who wants to hear.</param>
/// <param name="RuntimeDirectory">Adapters have a directory in it for their sockets.</param>
/// <param name="Time">The clock.</param>
internal sealed record AdapterContext(
    PollScheduler Scheduler,
    IReadOnlyList<EpollSleep> Sleeps,
    Uplinks Uplinks,
    VfioUserServer Server,
    MemfdStateStore States,
    EventHub Events,
    string RuntimeDirectory,
    TimeProvider Time);
