using System.Numerics;

namespace SoftIov.Datapath;

/// <summary>
/// The switch as pollers see it: immutable, replaced whole by control code, read without a lock. Owners are found by open addressing on
/// the MAC address; where two ports own one address in different VLANs the walk goes on to the one that is a member of the frame's.
/// </summary>
internal sealed class ForwardingTable
{
    private const ulong Golden = 0x9E37_79B9_7F4A_7C15;
    private const int MinSlots = 8;

    private readonly Owner[] _owners;
    private readonly int _shift;
    private readonly Station[] _unrestricted;
    private readonly Dictionary<int, Station[]> _byPortVlan;

    public ForwardingTable(Station?[] stations)
    {
        Stations = stations;
        var promiscuous = new List<Station>();
        var unrestricted = new List<Station>();
        var byPortVlan = new Dictionary<int, List<Station>>();
        int addresses = 0;
        foreach (Station? station in stations)
        {
            if (station is null)
            {
                continue;
            }

            addresses += station.OwnAddresses.Length;
            Sort(station, unrestricted, byPortVlan);
            if (station.Promiscuous)
            {
                promiscuous.Add(station);
            }

            Uplink = station.IsUplink ? station : Uplink;
        }

        Promiscuous = [.. promiscuous];
        _unrestricted = [.. unrestricted];
        _byPortVlan = new Dictionary<int, Station[]>(byPortVlan.Count);
        foreach ((int domain, List<Station> members) in byPortVlan)
        {
            _byPortVlan.Add(domain, [.. members]);
        }

        int slots = (int)BitOperations.RoundUpToPowerOf2((uint)Math.Max(MinSlots, 2 * addresses));
        _owners = new Owner[slots];
        _shift = 64 - BitOperations.Log2((uint)slots);
        Fill(stations);
    }

    /// <summary>By <see cref="Station.Index"/>; null where a port was taken out.</summary>
    public Station?[] Stations { get; }

    public Station? Uplink { get; }

    /// <summary>Ports that see unicast nobody owns.</summary>
    public Station[] Promiscuous { get; }

    /// <summary>Ports without a port VLAN: the uplink, the PF, trunks.</summary>
    public ReadOnlySpan<Station> Unrestricted => _unrestricted;

    /// <summary>Ports whose port VLAN is this domain.</summary>
    public ReadOnlySpan<Station> WithPortVlan(int domain) => _byPortVlan.TryGetValue(domain, out Station[]? members) ? members : [];

    /// <summary>The port that owns an address in a domain; null when nobody does.</summary>
    public Station? FindOwner(MacAddress address, int domain)
    {
        Owner[] owners = _owners;
        for (int slot = SlotOf(address); ; slot++)
        {
            ref readonly Owner owner = ref owners[slot & (owners.Length - 1)];
            if (owner.Station is null)
            {
                return null;
            }

            if (owner.Address == address && owner.Station.IsMember(domain))
            {
                return owner.Station;
            }
        }
    }

    private static void Sort(Station station, List<Station> unrestricted, Dictionary<int, List<Station>> byPortVlan)
    {
        if (!station.HasPortVlan)
        {
            unrestricted.Add(station);
            return;
        }

        if (!byPortVlan.TryGetValue(station.PortDomain, out List<Station>? members))
        {
            byPortVlan.Add(station.PortDomain, members = []);
        }

        members.Add(station);
    }

    /// <summary>Ports' own addresses go in before those that drivers merely asked for, so that nobody takes another's away.</summary>
    private void Fill(Station?[] stations)
    {
        foreach (Station? station in stations)
        {
            if (station is not null && !station.Address.IsZero)
            {
                Insert(station.Address, station);
            }
        }

        foreach (Station? station in stations)
        {
            ReadOnlySpan<MacAddress> further = station is null ? [] : station.OwnAddresses[1..];
            foreach (MacAddress address in further)
            {
                Insert(address, station!);
            }
        }
    }

    private void Insert(MacAddress address, Station station)
    {
        int slot = SlotOf(address);
        while (_owners[slot].Station is not null)
        {
            slot = (slot + 1) & (_owners.Length - 1);
        }

        _owners[slot] = new Owner(address, station);
    }

    private int SlotOf(MacAddress address) => (int)((address.Value * Golden) >> _shift);

    private readonly record struct Owner(MacAddress Address, Station Station);
}
