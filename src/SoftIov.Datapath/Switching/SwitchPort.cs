namespace SoftIov.Datapath;

/// <summary>One port of the switch: what a device function transmits into, and what the operator's policy and counters hang on.</summary>
public sealed partial class SwitchPort
{
    /// <summary>Largest value of <see cref="Mtu"/>.</summary>
    public const int MaxMtu = 65535;

    internal const int UplinkFunction = -1;

    private readonly VirtualSwitch _switch;
    private readonly RateLimiter _rate;
    private readonly MacAddress _permanentAddress;
    private MacAddress _driverAddress;
    private VfPolicy _policy;
    private ReceiveFilter _filter = ReceiveFilter.AtReset;
    private IFramePort? _receiver;
    private Station? _station;
    private CaptureRing? _capture;
    private int _mtu = 1500;
    private bool _isLinkCut;

    /// <summary>Something that <see cref="Station"/> is compiled from changed. Under the switch's change lock.</summary>
    private bool _isStale = true;

    internal SwitchPort(VirtualSwitch parent, int function, VfPolicy policy, MacAddress permanentAddress)
    {
        _switch = parent;
        Function = function;
        _policy = policy;
        _permanentAddress = permanentAddress;
        _rate = new RateLimiter(parent.LineRate);
        _rate.Apply(policy);
    }

    /// <summary>Raised on control threads when <see cref="LinkUp"/> changed.</summary>
    public event Action? LinkChanged;

    /// <summary>The receiver threw out of a delivery, which is a broken invariant of its own: it was disconnected.</summary>
    public event Action<SwitchPort, Exception>? ReceiverFaulted;

    /// <summary>0 the PF, n VF n; -1 the uplink.</summary>
    public int Function { get; }

    /// <summary>The operator's rules. Replaced whole; pollers see the old or the new one.</summary>
    public VfPolicy Policy
    {
        get => _policy;
        set => Change(() =>
        {
            _driverAddress = value.Mac == _policy.Mac ? _driverAddress : default;
            _policy = value;
            _rate.Apply(value);
        });
    }

    /// <summary>Counters named as <c>ip -s link</c> names them.</summary>
    public PortCounters Counters { get; } = new();

    /// <summary>What the driver asked to receive. Untrusted ports get no promiscuous modes although they ask.</summary>
    public ReceiveFilter Filter
    {
        get => _filter;
        set => Change(() => _filter = value);
    }

    /// <summary>
    /// The port's own address: the operator's, or the driver's where that is allowed, or the permanent one. Zero when it has none yet.
    /// What the device shows as config mac.
    /// </summary>
    public MacAddress MacAddress
    {
        get
        {
            if (!_driverAddress.IsZero && MayDriverUse(_driverAddress))
            {
                return _driverAddress;
            }

            return _policy.Mac.IsZero ? _permanentAddress : _policy.Mac;
        }
    }

    /// <summary>Largest payload of an Ethernet frame in bytes, 68..65535; longer frames are dropped in both directions.</summary>
    public int Mtu
    {
        get => _mtu;
        set
        {
            int mtu = Math.Clamp(value, 68, MaxMtu);
            if (mtu != _mtu)
                Change(() => _mtu = mtu);
        }
    }

    /// <summary>Where the port's frames are copied, both ways; null when nobody watches, which costs nothing.</summary>
    public CaptureRing? Capture
    {
        get => Volatile.Read(ref _capture);
        set => Volatile.Write(ref _capture, value);
    }

    /// <summary>The cable is out, whatever policy says: an injected fault.</summary>
    public bool IsLinkCut
    {
        get => Volatile.Read(ref _isLinkCut);
        set
        {
            if (value != IsLinkCut)
                _switch.Change(() => Volatile.Write(ref _isLinkCut, value));
        }
    }

    /// <summary>Link as the function shall see it: policy's link-state, or the uplink's when that is auto; down while it is cut.</summary>
    public bool LinkUp => _policy.LinkState switch
    {
        _ when IsLinkCut => false,
        LinkState.Enable => true,
        LinkState.Disable => false,
        _ => _switch.UplinkCarrier,
    };

    /// <summary>Places in the switch's tables: what a change of a port costs grows with them.</summary>
    public int SwitchPorts => _switch.Table.Stations.Length;

    /// <summary>Place in the switch's tables; -1 outside.</summary>
    internal int Index { get; set; } = -1;

    /// <summary>The compiled port; null outside.</summary>
    internal Station? Station => Volatile.Read(ref _station);

    /// <summary>
    /// Connects the receiving side; null disconnects (frames are then dropped). Set by the device at DRIVER_OK and reset; after the next
    /// quiet point no poller is inside the receiver that was there before.
    /// </summary>
    public void Connect(IFramePort? receiver) => Change(() => _receiver = receiver);

    /// <summary>
    /// The driver wants another MAC address. False when policy forbids it (an administratively set MAC on an untrusted VF, a group or
    /// zero address, or another port's).
    /// </summary>
    public bool TrySetDriverMacAddress(MacAddress address)
    {
        bool allowed = false;
        Change(() =>
        {
            allowed = !address.IsZero && !address.IsMulticast && MayDriverUse(address) && !_switch.IsTaken(address, this);
            _driverAddress = allowed ? address : _driverAddress;
        });
        return allowed;
    }

    /// <summary>The function was reset: filter and address are again what they were before a driver spoke.</summary>
    public void ResetDriverState() => Change(() =>
    {
        _filter = ReceiveFilter.AtReset;
        _driverAddress = default;
    });

    internal void StopReceiver(IFramePort broken, Exception reason)
    {
        Change(() => _receiver = _receiver == broken ? null : _receiver);
        ThreadPool.UnsafeQueueUserWorkItem(_ => ReceiverFaulted?.Invoke(this, reason), null);
    }

    internal void OnLinkChanged() => LinkChanged?.Invoke();

    /// <summary>
    /// Builds the station anew if need be: of thousands of ports one changes at a time. True when the link is another one than before. Under
    /// the switch's change lock.
    /// </summary>
    internal bool Compile(bool isUplink)
    {
        bool linkUp = LinkUp;
        Station? former = _station;
        if (!_isStale && former is not null && former.LinkUp == linkUp)
        {
            return false;
        }

        _isStale = false;
        Volatile.Write(
            ref _station,
            new Station(Index, this, isUplink, _policy, _filter, new StationState(MacAddress, _mtu, linkUp, _receiver)));
        return former is not null && former.LinkUp != linkUp;
    }

    private void Change(Action change) => _switch.Change(() =>
    {
        _isStale = true;
        change();
    });

    private bool MayDriverUse(MacAddress address) => _policy.Mac.IsZero || _policy.Trust || address == _policy.Mac;
}
