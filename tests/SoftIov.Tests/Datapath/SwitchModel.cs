using SoftIov.Datapath;

namespace SoftIov.Tests.Datapath;

/// <summary>
/// The switch as one would explain it: every port asked for every frame, bytes copied as arrays. No tables, no batches, no code of the
/// product beyond the values that describe ports.
/// </summary>
internal sealed class SwitchModel(IReadOnlyList<ModelPort> ports)
{
    /// <summary>What each port receives of a frame that port <paramref name="sender"/> sends.</summary>
    public Dictionary<int, byte[]> Send(int sender, byte[] frame)
    {
        var received = new Dictionary<int, byte[]>();
        ModelPort from = ports[sender];
        if (!from.LinkUp || !Admit(from, frame, out string vlan, out byte[] untagged, out byte[] tag))
        {
            return received;
        }

        ulong destination = Address(frame, 0);
        bool group = (frame[0] & 1) != 0;
        int owner = group ? -1 : FindOwner(destination, vlan);
        for (int i = 0; i < ports.Count; i++)
        {
            ModelPort to = ports[i];
            bool wanted = group ? WantsGroup(to, destination, vlan) && LinkLocal(from, to, destination)
                : owner >= 0 ? i == owner && !to.Filter.NoUnicast && InDriverVlans(to, vlan)
                : to.IsUplink || IsPromiscuous(to);
            if (i != sender && wanted && IsMember(to, vlan) && to.LinkUp)
            {
                received[i] = to.Policy.Vlan != 0 ? untagged : [.. untagged[..12], .. tag, .. untagged[12..]];
            }
        }

        return received;
    }

    /// <summary>VLANs are named as text here: "" untagged, "c5" and "s5" tagged.</summary>
    private static bool Admit(ModelPort from, byte[] frame, out string vlan, out byte[] untagged, out byte[] tag)
    {
        int type = frame[12] << 8 | frame[13];
        bool tagged = type is 0x8100 or 0x88A8;
        int id = tagged ? (frame[14] << 8 | frame[15]) & 0xFFF : 0;
        untagged = tagged ? [.. frame[..12], .. frame[16..]] : frame;
        tag = tagged ? frame[12..16] : [];
        vlan = id == 0 ? "" : (type == 0x8100 ? "c" : "s") + id;
        bool spoofed = !from.IsUplink && from.Policy.SpoofCheck && Address(frame, 6) != from.Mac.Value;
        bool reserved = Address(frame, 0) >> 4 == 0x0180_C200_000 && !from.IsUplink && !from.Policy.Trust;
        if (spoofed || reserved)
        {
            return false;
        }

        if (from.Policy.Vlan == 0)
        {
            return IsMember(from, vlan);
        }

        int priority = from.Policy.Qos << 5 | from.Policy.Vlan >> 8;
        tag = [(byte)(from.Policy.VlanProtocol >> 8), (byte)from.Policy.VlanProtocol, (byte)priority, (byte)from.Policy.Vlan];
        bool provider = from.Policy.VlanProtocol == 0x88A8;
        vlan = (provider ? "s" : "c") + from.Policy.Vlan;
        untagged = provider ? frame : untagged;
        return !tagged || (type == 0x8100 && (provider || id == 0));
    }

    private static bool IsMember(ModelPort port, string vlan)
    {
        if (port.Policy.Vlan != 0)
        {
            return vlan == (port.Policy.VlanProtocol == 0x88A8 ? "s" : "c") + port.Policy.Vlan;
        }

        bool open = port.Policy.Trunk.Equals(VlanSet.All);
        return open || (!vlan.StartsWith('s') && port.Policy.Trunk.Contains(vlan == "" ? 0 : int.Parse(vlan[1..])));
    }

    private static bool InDriverVlans(ModelPort port, string vlan) =>
        port.Filter.Vlans is null || IsPromiscuous(port) || port.Policy.Vlan != 0 || !vlan.StartsWith('c')
        || port.Filter.Vlans.Contains(int.Parse(vlan[1..]));

    private static bool IsPromiscuous(ModelPort port) => !port.IsUplink && port.Policy.Trust && port.Filter.Promiscuous;

    private static bool WantsGroup(ModelPort port, ulong destination, string vlan)
    {
        bool listed = port.Filter.Multicast.Any(m => m.Value == destination);
        bool wanted = destination == 0xFFFF_FFFF_FFFF
            ? !port.Filter.NoBroadcast
            : !port.Filter.NoMulticast && (port.Filter.AllMulticast || port.Filter.Promiscuous || listed);
        return wanted && InDriverVlans(port, vlan);
    }

    private static bool LinkLocal(ModelPort from, ModelPort to, ulong destination) =>
        destination >> 4 != 0x0180_C200_000 || (from.IsUplink ? to.Policy.Trust : to.IsUplink);

    private static ulong Address(byte[] frame, int at) => Convert.ToUInt64(Convert.ToHexString(frame[at..(at + 6)]), 16);

    private int FindOwner(ulong address, string vlan)
    {
        for (int i = 0; i < ports.Count; i++)
        {
            if (!ports[i].IsUplink && ports[i].Mac.Value == address && IsMember(ports[i], vlan))
            {
                return i;
            }
        }

        return -1;
    }
}
