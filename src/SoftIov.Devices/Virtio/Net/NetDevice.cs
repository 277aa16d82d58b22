using SoftIov.Datapath;
using SoftIov.Devices.Virtio.Spec;
using SoftIov.Memory;

namespace SoftIov.Devices.Virtio.Net;

/// <summary>
/// The network device behind the virtio registers: its state page, its queues, their places at pollers, its port of the switch. State is in
/// the page; every field here is constant or derived from it (decision D7). Life cycle calls come from the control thread.
/// </summary>
internal sealed partial class NetDevice : IVirtioDevice, IDisposable
{
    /// <summary>The function's configuration registers have a page of their own, net0/3/pcie.</summary>
    private const string PageSuffix = "/net";

    private readonly NetFunctionSettings _settings;
    private readonly SwitchPort _port;
    private readonly StatePage<NetState> _page;
    private readonly IStateStore _states;
    private readonly TimeProvider _time;
    private readonly ReceiveOptions _options = new();
    private readonly ReceiveSteering _steering;
    private readonly QueuePair[] _pairs;
    private readonly ControlCommands _commands;
    private readonly ControlQueue _control;
    private readonly NetReceiver _receiver;
    private long _nextReportTicks = long.MinValue;

    /// <summary>Without a scheduler whoever made the device polls <see cref="Pollables"/> by hand.</summary>
    public NetDevice(NetFunctionSettings settings, SwitchPort port, PollScheduler? scheduler, IStateStore states, TimeProvider time)
    {
        _settings = settings;
        _port = port;
        _scheduler = scheduler;
        _states = states;
        _direct = new PortPath(port);
        _time = time;
        OfferedFeatures = NetFeatureRules.Offered(settings);
        Interrupts = new VirtioInterrupts(this, Counters.Transport);
        _page = states.Create<NetState>(settings.Name + PageSuffix);
        _page.Value = NetState.AtReset(QueueCount, MaxQueueSize, 0);
        _steering = new ReceiveSteering(_page);
        _pairs = new QueuePair[settings.QueuePairs];
        for (int i = 0; i < _pairs.Length; i++)
            _pairs[i] = MakePair(i);
        _commands = new ControlCommands(_page, port, _pairs, _options, _steering);
        var throttle = new CommandThrottle(time.TimestampFrequency);
        _control = new ControlQueue(new DeviceQueue(this, Interrupts), _commands, throttle, this, Counters, time);
        _receiver = new NetReceiver(_pairs, _options, _steering);
        port.Mtu = settings.Mtu;
        port.LinkChanged += OnLinkChanged;
    }

    /// <summary>The device needs a reset because of what its driver did. Raised on the thread that saw it: do little.</summary>
    public event Action<VirtioFault>? Faulted;

    public NetFunctionCounters Counters { get; } = new();

    public VirtioInterrupts Interrupts { get; }

    public VirtioFeatures OfferedFeatures { get; }

    public ref VirtioState Registers => ref _page.Value.Virtio;

    public ref NetState State => ref _page.Value;

    /// <summary>All pairs and the control queue, whether the driver uses MQ or not.</summary>
    public int QueueCount => (2 * _settings.QueuePairs) + 1;

    public ushort MaxQueueSize => (ushort)_settings.QueueSize;

    public int ConfigLength => NetConfig.Length;

    public bool AreConsistent(VirtioFeatures features) => NetFeatureRules.AreConsistent(features);

    public void Fail(int queue, VirtioFaultReason reason, VirtqueueFault ring = VirtqueueFault.None)
    {
        var before = (DeviceStatus)Interlocked.Or(ref Registers.Status, (int)DeviceStatus.NeedsReset);
        if ((before & DeviceStatus.NeedsReset) != 0)
            return;

        Interlocked.Increment(ref Counters.Transport.Faults);
        Interrupts.Signals?.Failed(queue, reason, ring);
        if ((before & DeviceStatus.DriverOk) != 0)
            Interrupts.FireConfiguration();
        long now = _time.GetTimestamp();
        long next = Volatile.Read(ref _nextReportTicks);
        if (now >= next && Interlocked.CompareExchange(ref _nextReportTicks, now + _time.TimestampFrequency, next) == next)
            Faulted?.Invoke(new VirtioFault(_settings.Name, queue, reason, ring));
    }

    private QueuePair MakePair(int index)
    {
        var receive = new ReceiveQueue(new DeviceQueue(this, Interrupts), _options, Counters, new NotificationCoalescer(_time));
        var transmit = new TransmitQueue(
            new DeviceQueue(this, Interrupts), _port, _steering, Counters, new NotificationCoalescer(_time));
        return new QueuePair(index, receive, transmit);
    }
}
