using SoftIov.Datapath;

namespace SoftIov.Transports.Uplinks;

/// <summary>An uplink in service: on its port of the switch, polled by one poller, woken by its descriptor, its carrier followed.</summary>
public sealed class UplinkConnection : IDisposable
{
    private readonly VirtualSwitch _switch;
    private readonly PollScheduler _scheduler;
    private readonly PollHandle? _handle;
    private readonly IDisposable? _watch;
    private bool _ended;

    private UplinkConnection(IUplink uplink, VirtualSwitch vswitch, PollScheduler scheduler, EpollSleep sleep, int poller)
    {
        Uplink = uplink;
        _switch = vswitch;
        _scheduler = scheduler;
        if (uplink.Readable is null)
        {
            return;
        }

        Port = vswitch.AddUplinkPort(uplink);
        uplink.Port = Port;
        uplink.CarrierChanged += FollowCarrier;
        FollowCarrier(uplink.HasCarrier);
        _handle = scheduler.Add(uplink, uplink.Name, poller);
        _watch = sleep.Watch(uplink.Readable, _handle.Wake);
    }

    /// <summary>The uplink.</summary>
    public IUplink Uplink { get; }

    /// <summary>The uplink's port; null for no uplink, which needs none.</summary>
    public SwitchPort? Port { get; }

    /// <summary>
    /// Puts an uplink into service and takes it over. <paramref name="sleeps"/> are those the scheduler was made with; the uplink goes to
    /// poller <paramref name="poller"/>.
    /// </summary>
    public static UplinkConnection Connect(
        IUplink uplink, VirtualSwitch vswitch, PollScheduler scheduler, IReadOnlyList<EpollSleep> sleeps, int poller) =>
        new(uplink, vswitch, scheduler, sleeps[poller], poller);

    /// <summary>Takes the uplink out of service and closes it. Not from a poller's thread; before the scheduler goes.</summary>
    public void Dispose()
    {
        if (_handle is not null && Port is not null)
        {
            Uplink.CarrierChanged -= FollowCarrier;
            _watch!.Dispose();
            _scheduler.Remove(_handle);
            _switch.Change(() =>
            {
                _ended = true;
                _switch.RemovePort(Port);
            });
            _scheduler.WaitForQuietPoint();
        }

        Uplink.Dispose();
    }

    /// <summary>
    /// The carrier is looked at under the switch's lock: notices that cross each other or the end of the connection leave the switch with what
    /// is so now.
    /// </summary>
    private void FollowCarrier(bool up) => _switch.Change(() =>
    {
        if (!_ended)
        {
            _switch.SetUplinkCarrier(Uplink.HasCarrier);
        }
    });
}
