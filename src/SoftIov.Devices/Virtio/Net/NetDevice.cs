using System.Buffers.Binary;
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
    private readonly NetFunctionSettings _settings;
    private readonly SwitchPort _port;
    private readonly StatePage<NetState> _page;
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
        _time = time;
        OfferedFeatures = NetFeatureRules.Offered(settings);
        Interrupts = new VirtioInterrupts(this, Counters.Transport);
        _page = states.Create<NetState>(settings.Name);
        _page.Value = NetState.AtReset(QueueCount, MaxQueueSize, 0);
        _steering = new ReceiveSteering(_page);
        _pairs = new QueuePair[settings.QueuePairs];
        for (int i = 0; i < _pairs.Length; i++)
            _pairs[i] = MakePair(i);
        _commands = new ControlCommands(_page, port, _pairs, _options, _steering);
        _control = new ControlQueue(new DeviceQueue(this, Interrupts), _commands, this, Counters);
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

    public void ReadConfig(Span<byte> image)
    {
        image.Clear();
        _port.MacAddress.CopyTo(image[NetConfig.Mac..]);
        NetConfigStatus status = _port.LinkUp ? NetConfigStatus.LinkUp : NetConfigStatus.None;
        status |= Volatile.Read(ref State.Announce) != 0 ? NetConfigStatus.Announce : NetConfigStatus.None;
        BinaryPrimitives.WriteUInt16LittleEndian(image[NetConfig.Status..], (ushort)status);
        BinaryPrimitives.WriteUInt16LittleEndian(image[NetConfig.MaxVirtqueuePairs..], (ushort)_pairs.Length);
        BinaryPrimitives.WriteUInt16LittleEndian(image[NetConfig.Mtu..], (ushort)_settings.Mtu);
        BinaryPrimitives.WriteUInt32LittleEndian(image[NetConfig.Speed..], _settings.SpeedMegabits);
        image[NetConfig.Duplex] = NetConfig.DuplexFull;
        image[NetConfig.RssMaxKeySize] = NetConfig.RssKeySize;
        BinaryPrimitives.WriteUInt16LittleEndian(image[NetConfig.RssMaxIndirectionTableLength..], NetConfig.RssTableLength);
        BinaryPrimitives.WriteUInt32LittleEndian(image[NetConfig.SupportedHashTypes..], (uint)HashTypes.Supported);
    }

    /// <summary>Asks the driver to announce its addresses; false when none is there that would.</summary>
    public bool RequestAnnounce()
    {
        if (!Registers.IsLive || (Registers.Features & VirtioFeatures.GuestAnnounce) == 0)
            return false;

        Interlocked.Exchange(ref State.Announce, 1);
        NotifyConfigurationChange();
        return true;
    }

    public void Fail(int queue, VirtioFaultReason reason, VirtqueueFault ring = VirtqueueFault.None)
    {
        var before = (DeviceStatus)Interlocked.Or(ref Registers.Status, (int)DeviceStatus.NeedsReset);
        if ((before & DeviceStatus.NeedsReset) != 0)
            return;

        Interlocked.Increment(ref Counters.Transport.Faults);
        if ((before & DeviceStatus.DriverOk) != 0)
            Interrupts.FireConfiguration();
        long now = _time.GetTimestamp();
        long next = Volatile.Read(ref _nextReportTicks);
        if (now >= next && Interlocked.CompareExchange(ref _nextReportTicks, now + _time.TimestampFrequency, next) == next)
            Faulted?.Invoke(new VirtioFault(_settings.Name, queue, reason, ring));
    }

    /// <summary>What function and driver agreed on.</summary>
    public NetFunctionStatus Snapshot() => new()
    {
        DeviceStatus = (byte)Registers.DeviceStatus,
        IsLive = Registers.IsLive,
        NeedsReset = (Registers.DeviceStatus & DeviceStatus.NeedsReset) != 0,
        Features = Registers.Features,
        OfferedFeatures = OfferedFeatures,
        Mac = _port.MacAddress,
        ActivePairs = State.Steering.ActivePairs,
        LinkUp = _port.LinkUp,
        Filter = _port.Filter,
    };

    public void Dispose()
    {
        _port.LinkChanged -= OnLinkChanged;
        Stop();
        _page.Dispose();
    }

    private QueuePair MakePair(int index)
    {
        var receive = new ReceiveQueue(new DeviceQueue(this, Interrupts), _options, Counters, new NotificationCoalescer(_time));
        var transmit = new TransmitQueue(
            new DeviceQueue(this, Interrupts), _port, _steering, Counters, new NotificationCoalescer(_time));
        return new QueuePair(index, receive, transmit);
    }

    /// <summary>Any thread: the status field is read live, so there is nothing to store.</summary>
    private void OnLinkChanged() => NotifyConfigurationChange();

    private void NotifyConfigurationChange()
    {
        Interlocked.Increment(ref Registers.Generation);
        if (Registers.IsLive)
            Interrupts.FireConfiguration();
    }
}
