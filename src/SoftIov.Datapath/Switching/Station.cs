namespace SoftIov.Datapath;

/// <summary>What the forwarding path knows of one port: policy, driver's filter and receiver compiled into an immutable whole.</summary>
internal sealed class Station
{
    private const int AnyDomain = -1;

    private readonly VlanSet _trunk;
    private readonly bool _trunkIsAll;
    private readonly ReceiveFilter _filter;
    private readonly MacAddress[] _multicast;
    private readonly MacAddress[] _ownAddresses;

    public Station(int index, SwitchPort port, bool isUplink, VfPolicy policy, ReceiveFilter filter, in StationState state)
    {
        Index = index;
        Port = port;
        Counters = port.Counters;
        IsUplink = isUplink;
        Trusted = isUplink || policy.Trust;
        Promiscuous = !isUplink && policy.Trust && (filter.Promiscuous || filter.AllUnicast);
        SpoofCheck = !isUplink && policy.SpoofCheck;
        PortTag = policy.Vlan == 0 ? default : new VlanTag(policy.VlanProtocol, (ushort)(policy.Qos << 13 | policy.Vlan));
        PortDomain = policy.Vlan == 0 ? AnyDomain : PortTag.Domain;
        MaxLength = state.Mtu + Frame.EthernetHeaderSize;
        LinkUp = state.LinkUp;
        Receiver = state.Receiver;
        Address = state.Address;
        _trunk = policy.Trunk;
        _trunkIsAll = policy.Trunk.Equals(VlanSet.All);
        _filter = filter;
        _multicast = [.. filter.Multicast];
        _ownAddresses = policy.Trust ? [state.Address, .. filter.Unicast] : [state.Address];
    }

    /// <summary>Place in <see cref="ForwardingTable"/>; stable while the port lives.</summary>
    public int Index { get; }

    public SwitchPort Port { get; }

    public PortCounters Counters { get; }

    public bool IsUplink { get; }

    /// <summary>Whether link-local group frames (01-80-C2-00-00-0x) may pass.</summary>
    public bool Trusted { get; }

    /// <summary>Sees unicast that nobody owns.</summary>
    public bool Promiscuous { get; }

    public bool SpoofCheck { get; }

    /// <summary>The operator's tag, or none.</summary>
    public VlanTag PortTag { get; }

    /// <summary>The only domain of a port with a port VLAN.</summary>
    public int PortDomain { get; }

    public bool HasPortVlan => PortDomain != AnyDomain;

    /// <summary>Longest untagged frame in bytes.</summary>
    public int MaxLength { get; }

    public bool LinkUp { get; }

    public IFramePort? Receiver { get; }

    public MacAddress Address { get; }

    /// <summary>Addresses whose frames come here: the port's own and, when trusted, those of its driver's filter.</summary>
    public ReadOnlySpan<MacAddress> OwnAddresses => _ownAddresses;

    /// <summary>
    /// Whether the operator lets frames of a domain pass here, in either direction. S-tagged ones only where nothing is restricted.
    /// </summary>
    public bool IsMember(int domain) =>
        HasPortVlan ? domain == PortDomain
        : VlanTag.IsServiceDomain(domain) ? _trunkIsAll
        : _trunkIsAll || _trunk.Contains(domain);

    /// <summary>Whether the driver wants unicast frames of a domain that are addressed to it.</summary>
    public bool WantsUnicast(int domain) => !_filter.NoUnicast && PassesDriverVlans(domain);

    /// <summary>Whether the driver wants a group frame of a domain.</summary>
    public bool WantsGroup(MacAddress destination, int domain)
    {
        if (!PassesDriverVlans(domain))
        {
            return false;
        }

        if (destination.IsBroadcast)
        {
            return !_filter.NoBroadcast;
        }

        return !_filter.NoMulticast && (_filter.AllMulticast || _filter.Promiscuous || Array.IndexOf(_multicast, destination) >= 0);
    }

    public bool Owns(MacAddress source) => source == Address || (_ownAddresses.Length > 1 && Array.IndexOf(_ownAddresses, source) >= 0);

    /// <summary>A driver that filters VLANs sees C-tags in its list; a port VLAN it does not see at all.</summary>
    private bool PassesDriverVlans(int domain) =>
        _filter.Vlans is null || Promiscuous || HasPortVlan || domain == 0 || VlanTag.IsServiceDomain(domain) || _filter.Vlans.Contains(domain);
}
