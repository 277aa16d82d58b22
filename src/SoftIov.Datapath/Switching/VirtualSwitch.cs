namespace SoftIov.Datapath;

/// <summary>
/// The virtual Ethernet bridge (VEB) of one adapter. Ports are the PF, the VFs and the uplink. Unicast goes to the port that owns the
/// address, unknown to the uplink, groups by VLAN membership, nothing back to its sender. Forwarding takes no lock: tables are immutable
/// and swapped by control code.
/// </summary>
public sealed class VirtualSwitch
{
    private readonly Lock _gate = new();
    private readonly List<SwitchPort?> _ports = [];
    private readonly List<SwitchPort> _linkChanges = [];
    private SwitchPort? _uplink;
    private bool _carrier = true;
    private int _deferred;
    private ForwardingTable _table = new([]);

    /// <summary>An empty switch. The clock's time stamps are the ticks that pollers hand in.</summary>
    public VirtualSwitch(TimeProvider time)
    {
        LineRate = new LineRate(time.TimestampFrequency);
    }

    /// <summary>
    /// What the adapter can send in Mbit/s, shared by its functions; 0 when nothing but the processor limits it. With it, min_tx_rate is a
    /// guarantee: what a port sends within it goes first, and the rest of the line is for everyone.
    /// </summary>
    public int LineRateMegabits
    {
        get => LineRate.Megabits;
        set => LineRate.Megabits = value;
    }

    internal LineRate LineRate { get; }

    internal ForwardingTable Table => Volatile.Read(ref _table);

    internal bool UplinkCarrier => _uplink is null || _carrier;

    /// <summary>
    /// Adds the port of function <paramref name="function"/> (0 the PF, n VF n) with a policy (<see cref="VfPolicy.Physical"/> suits a PF)
    /// and the address it has when neither operator nor driver set one.
    /// </summary>
    public SwitchPort AddFunctionPort(int function, VfPolicy policy, MacAddress permanentAddress = default) =>
        Add(new SwitchPort(this, function, policy, permanentAddress));

    /// <summary>Adds the uplink port. A switch has one at most.</summary>
    public SwitchPort AddUplinkPort(IFramePort uplink)
    {
        lock (_gate)
        {
            if (_uplink is not null)
            {
                throw new InvalidOperationException("The switch has an uplink already.");
            }

            _uplink = new SwitchPort(this, SwitchPort.UplinkFunction, VfPolicy.Physical, default) { Mtu = SwitchPort.MaxMtu };
        }

        _uplink.Connect(uplink);
        return Add(_uplink);
    }

    /// <summary>The uplink's carrier came or went: ports whose link-state is auto follow.</summary>
    public void SetUplinkCarrier(bool up) => Change(() => _carrier = up);

    /// <summary>Takes a port out. No frame reaches it after the next quiet point.</summary>
    public void RemovePort(SwitchPort port) => Change(() =>
    {
        if (port.Index >= 0)
        {
            _ports[port.Index] = null;
            port.Index = -1;
            _uplink = port == _uplink ? null : _uplink;
        }
    });

    /// <summary>
    /// Runs changes to ports and policies as one: pollers see all of them or none, and the tables are built once however many ports there
    /// are. May be nested.
    /// </summary>
    public void Change(Action changes)
    {
        SwitchPort[] linkChanges = [];
        lock (_gate)
        {
            _deferred++;
            try
            {
                changes();
            }
            finally
            {
                if (--_deferred == 0)
                {
                    linkChanges = Publish();
                }
            }
        }

        foreach (SwitchPort port in linkChanges)
        {
            port.OnLinkChanged();
        }
    }

    /// <summary>Whether a port other than <paramref name="asker"/> owns the address in a VLAN the two share. Under the change lock.</summary>
    internal bool IsTaken(MacAddress address, SwitchPort asker)
    {
        foreach (SwitchPort? port in _ports)
        {
            bool share = port is not null && (port.Policy.Vlan == 0 || asker.Policy.Vlan == 0 || port.Policy.Vlan == asker.Policy.Vlan);
            if (share && port != asker && port!.MacAddress == address)
            {
                return true;
            }
        }

        return false;
    }

    private SwitchPort Add(SwitchPort port)
    {
        Change(() =>
        {
            int free = _ports.IndexOf(null);
            port.Index = free < 0 ? _ports.Count : free;
            if (free < 0)
            {
                _ports.Add(port);
            }
            else
            {
                _ports[free] = port;
            }
        });
        return port;
    }

    private SwitchPort[] Publish()
    {
        var stations = new Station?[_ports.Count];
        for (int i = 0; i < stations.Length; i++)
        {
            SwitchPort? port = _ports[i];
            if (port is not null && port.Compile(port == _uplink))
            {
                _linkChanges.Add(port);
            }

            stations[i] = port?.Station;
        }

        Volatile.Write(ref _table, new ForwardingTable(stations));
        SwitchPort[] changed = [.. _linkChanges];
        _linkChanges.Clear();
        return changed;
    }
}
