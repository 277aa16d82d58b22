using SoftIov.Datapath;
using SoftIov.Devices.Virtio.Spec;
using SoftIov.Memory;

namespace SoftIov.Devices.Virtio.Net;

/// <summary>
/// Receive modes, MAC table and VLAN filter (virtio 1.4, 5.1.6.5.1 to 5.1.6.5.3): kept in the function's state, handed to the switch as
/// one immutable filter after each change.
/// </summary>
internal sealed class ReceiveFilterControl(StatePage<NetState> page, SwitchPort port)
{
    private const int VlanCount = 4096;

    /// <summary>The VLAN bits of the state in the switch's form.</summary>
    private VlanSet _vlans = VlanSet.Empty;

    private ref NetState State => ref page.Value;

    /// <summary>One mode on or off: the data is one byte.</summary>
    public bool SetMode(in ControlRequest request)
    {
        if (!request.TryReadByte(0, out byte on))
            return false;

        var mode = (ReceiveModes)(1 << ((int)request.Command & 0xFF));
        ReceiveModes before = State.Modes;
        State.Modes = on != 0 ? before | mode : before & ~mode;
        if (State.Modes != before)
            Publish();
        return true;
    }

    /// <summary>Both halves of the table are replaced, or none: each is a count of 32 bits and so many addresses.</summary>
    public bool SetTable(in ControlRequest request)
    {
        var unicast = default(MacTable);
        var multicast = default(MacTable);
        int offset = 0;
        if (!TryReadTable(in request, ref offset, ref unicast) || !TryReadTable(in request, ref offset, ref multicast))
            return false;

        State.Unicast = unicast;
        State.Multicast = multicast;
        Publish();
        return true;
    }

    /// <summary>The driver's own address; the configuration shows it before the acknowledgement.</summary>
    public bool SetAddress(in ControlRequest request)
    {
        if (!request.TryReadMac(0, out MacAddress address))
            return false;

        if (address != port.MacAddress && !port.TrySetDriverMacAddress(address))
            return false;

        State.DriverMac = address.Value;
        return true;
    }

    /// <summary>One VLAN id wanted or not: the data is 16 bits.</summary>
    public bool SetVlan(in ControlRequest request, bool isWanted)
    {
        if (!request.TryReadUInt16(0, out ushort vlan) || vlan >= VlanCount)
            return false;

        ulong bit = 1UL << (vlan & 63);
        ref ulong word = ref State.Vlans[vlan >> 6];
        ulong before = word;
        word = isWanted ? word | bit : word & ~bit;
        if (word != before)
        {
            _vlans = _vlans.With(vlan, isWanted);
            Publish();
        }

        return true;
    }

    /// <summary>Hands what the state says to the switch: at DRIVER_OK, and when work goes on.</summary>
    public void Apply()
    {
        _vlans = VlanSet.Empty;
        for (int vlan = 0; vlan < VlanCount; vlan++)
        {
            if ((State.Vlans[vlan >> 6] >> (vlan & 63) & 1) != 0)
                _vlans = _vlans.With(vlan, present: true);
        }

        Publish();
    }

    private void Publish()
    {
        ref NetState state = ref State;
        port.Filter = new ReceiveFilter
        {
            Promiscuous = (state.Modes & ReceiveModes.Promiscuous) != 0,
            AllMulticast = (state.Modes & ReceiveModes.AllMulticast) != 0 || state.Multicast.HasOverflow != 0,
            AllUnicast = (state.Modes & ReceiveModes.AllUnicast) != 0 || state.Unicast.HasOverflow != 0,
            NoMulticast = (state.Modes & ReceiveModes.NoMulticast) != 0,
            NoUnicast = (state.Modes & ReceiveModes.NoUnicast) != 0,
            NoBroadcast = (state.Modes & ReceiveModes.NoBroadcast) != 0,
            Unicast = state.Unicast.ToArray(),
            Multicast = state.Multicast.ToArray(),
            Vlans = (state.Virtio.Features & VirtioFeatures.CtrlVlan) != 0 ? _vlans : null,
        };
    }

    private static bool TryReadTable(in ControlRequest request, ref int offset, ref MacTable table)
    {
        if (!request.TryReadUInt32(offset, out uint count))
            return false;

        offset += sizeof(uint);
        if (count > (uint)(request.DataLength - offset) / MacAddress.Size)
            return false;

        // A list may be gigabytes long: what does not fit into the table is not looked at.
        table.HasOverflow = count > MacAddresses.Length ? 1 : 0;
        for (int i = 0; i < Math.Min(count, MacAddresses.Length); i++)
        {
            request.TryReadMac(offset + (i * MacAddress.Size), out MacAddress address);
            table.Add(address);
        }

        offset += (int)count * MacAddress.Size;
        return true;
    }
}
