using SoftIov.Daemon.Hosting;
using SoftIov.Datapath;
using SoftIov.Devices.Virtio;
using SoftIov.Devices.Virtio.Net;
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
internal sealed record NetAdapterContext(
    PollScheduler Scheduler,
    IReadOnlyList<EpollSleep> Sleeps,
    Uplinks Uplinks,
    VfioUserServer Server,
    MemfdStateStore States,
    EventHub Events,
    string RuntimeDirectory,
    TimeProvider Time)
{
    /// <summary>A network function whose driver's mistakes become events.</summary>
    public NetFunction NewFunction(NetFunctionSettings settings, SwitchPort port)
    {
        var function = new NetFunction(settings, port, Scheduler, States, Time);
        function.Faulted += Report;
        port.ReceiverFaulted += (_, broken) => Events.Publish(
            Api.EventKind.FunctionBroken, settings.Name, $"receiving broke an invariant and was stopped until a reset: {broken.Message}");
        return function;
    }

    /// <summary>Comes from a poller: the event is told by another thread.</summary>
    private void Report(VirtioFault fault) => ThreadPool.UnsafeQueueUserWorkItem(
        static state => state.Events.Publish(Api.EventKind.FunctionBroken, state.Fault.Function, Describe(state.Fault)),
        (Events, Fault: fault),
        preferLocal: false);

    private static string Describe(VirtioFault fault)
    {
        string detail = fault.Reason == VirtioFaultReason.RingError ? $" ({fault.Ring})" : "";
        return $"queue {fault.Queue}: {fault.Reason}{detail}; the device waits for a reset by its driver";
    }
}
