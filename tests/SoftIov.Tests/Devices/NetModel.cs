using SoftIov.Datapath;

namespace SoftIov.Tests.Devices;

/// <summary>
/// What a receiving function is to do with frames, buffers and control commands, in the plainest terms: a list of buffers, a set of modes,
/// no rings, no bursts.
/// </summary>
internal sealed class NetModel(MacAddress own, bool isMergeable, int headerLength)
{
    private readonly HashSet<int> _modes = [1];
    private readonly HashSet<ulong> _groups = [];
    private readonly HashSet<int> _vlans = [];

    /// <summary>Buffers with the device: token and size.</summary>
    public Queue<(ushort Token, int Size)> Buffers { get; } = [];

    /// <summary>Buffers the device used: token, bytes written, and those of them that belong to a frame.</summary>
    public List<(ushort Token, int Written, byte[] Data)> Used { get; } = [];

    public void SetMode(int mode, bool isOn) => _ = isOn ? _modes.Add(mode) : _modes.Remove(mode);

    public void SetGroups(IEnumerable<ulong> groups)
    {
        _groups.Clear();
        _groups.UnionWith(groups);
    }

    public void SetVlan(int vlan, bool isWanted) => _ = isWanted ? _vlans.Add(vlan) : _vlans.Remove(vlan);

    /// <summary>Whether the driver asked for a frame to this address, in this VLAN (0: untagged).</summary>
    public bool Wants(MacAddress destination, int vlan)
    {
        if (vlan != 0 && !_vlans.Contains(vlan))
            return false;
        if (destination.IsBroadcast)
            return !_modes.Contains(5);
        if (destination.IsMulticast)
            return !_modes.Contains(3) && (_modes.Contains(0) || _modes.Contains(1) || _groups.Contains(destination.Value));
        return destination == own && !_modes.Contains(4);
    }

    /// <summary>A wanted frame arrives; true when there was room.</summary>
    public bool Deliver(byte[] frame)
    {
        while (Buffers.TryPeek(out (ushort Token, int Size) first) && first.Size < headerLength)
            Used.Add((Buffers.Dequeue().Token, 0, []));
        int room = 0;
        int count = 0;
        foreach ((ushort _, int size) in Buffers)
        {
            room += size;
            count++;
            if (room >= headerLength + frame.Length || !isMergeable)
                break;
        }

        if (room < headerLength + frame.Length)
            return false;

        int done = 0;
        for (int i = 0; i < count; i++)
        {
            (ushort token, int size) = Buffers.Dequeue();
            int header = i == 0 ? headerLength : 0;
            int part = Math.Min(size - header, frame.Length - done);
            Used.Add((token, header + part, frame[done..(done + part)]));
            done += part;
        }

        return true;
    }
}
