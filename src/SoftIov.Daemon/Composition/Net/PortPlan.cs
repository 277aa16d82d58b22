using System.Collections.Immutable;
using SoftIov.Api;
using SoftIov.Datapath;
using SoftIov.Devices.Virtio.Net;

namespace SoftIov.Daemon.Composition;

/// <summary>The ports of an adapter's switch: which address and policy each function has, enabled or not.</summary>
internal sealed class PortPlan
{
    private readonly NetAdapterSpec _adapter;
    private readonly MacAddress _base;
    private readonly SwitchPort?[] _virtuals;
    private readonly HashSet<int> _cutLinks = [];

    /// <summary>Ports for the functions of <paramref name="adapter"/>; so far the PF has one.</summary>
    public PortPlan(NetAdapterSpec adapter, TimeProvider time)
    {
        _adapter = adapter;
        _base = HardwareAddresses.BaseOf(adapter);
        _virtuals = new SwitchPort?[adapter.TotalVfs];
        Switch = new VirtualSwitch(time) { LineRateMegabits = adapter.LineRateMegabits };
        Physical = Switch.AddFunctionPort(0, VfPolicy.Physical, _base);
        Policies = adapter.Vfs;
    }

    /// <summary>The switch.</summary>
    public VirtualSwitch Switch { get; }

    /// <summary>Port of the PF.</summary>
    public SwitchPort Physical { get; }

    /// <summary>What the operator said, by VF; who is not in it has <see cref="NetVfSpec.Default"/>.</summary>
    public ImmutableSortedDictionary<int, NetVfSpec> Policies { get; private set; }

    /// <summary>Port of a VF; null while it is not enabled.</summary>
    public SwitchPort? Virtual(int vf) => Volatile.Read(ref _virtuals[vf]);

    /// <summary>What the operator said of a VF.</summary>
    public NetVfSpec PolicyOf(int vf) => Policies.GetValueOrDefault(vf, NetVfSpec.Default);

    /// <summary>What the PF is made of.</summary>
    public NetFunctionSettings PhysicalSettings => new()
    {
        Name = $"{_adapter.Name}/pf",
        HasSriovCapability = true,
        QueuePairs = _adapter.QueuePairs,
        Mtu = _adapter.Mtu,
    };

    /// <summary>What a VF is made of.</summary>
    public NetFunctionSettings SettingsOf(int vf) => new()
    {
        Name = $"{_adapter.Name}/{vf}",
        QueuePairs = _adapter.QueuePairs,
        Mtu = _adapter.Mtu,
        Interrupts = PolicyOf(vf).Interrupts == InterruptMode.Intx ? NetInterrupts.Intx : NetInterrupts.Msix,
    };

    /// <summary>VFs 0 to <paramref name="count"/> - 1 are enabled: they get their ports, at once, since each change builds tables for all.</summary>
    public void AddVfs(int count) => Switch.Change(() =>
    {
        for (int vf = 0; vf < count; vf++)
        {
            SwitchPort port = Switch.AddFunctionPort(vf + 1, PolicyMapping.ToPort(PolicyOf(vf)), HardwareAddresses.Next(_base, vf + 1));
            port.Mtu = _adapter.Mtu;
            port.IsLinkCut = IsLinkCut(vf);
            Volatile.Write(ref _virtuals[vf], port);
        }
    });

    /// <summary>Changes the policy of a VF, at once where it is enabled.</summary>
    public void Change(int vf, NetVfSpec policy)
    {
        Policies = policy == NetVfSpec.Default ? Policies.Remove(vf) : Policies.SetItem(vf, policy);
        if (Virtual(vf) is { } port)
            port.Policy = PolicyMapping.ToPort(policy);
    }

    /// <summary>Whether an injected fault holds the link of the PF (null) or a VF, enabled or not, down.</summary>
    public bool IsLinkCut(int? vf)
    {
        lock (_cutLinks)
            return _cutLinks.Contains(vf ?? Planning.CurrentAdapter.Pf);
    }

    /// <summary>Holds it down, or lets it be what policy and uplink say.</summary>
    public void CutLink(int? vf, bool isCut)
    {
        int key = vf ?? Planning.CurrentAdapter.Pf;
        lock (_cutLinks)
            _ = isCut ? _cutLinks.Add(key) : _cutLinks.Remove(key);
        SwitchPort? port = vf is { } number ? Virtual(number) : Physical;
        if (port is not null)
            port.IsLinkCut = isCut;
    }

    /// <summary>No link is held down any more.</summary>
    public void MendLinks()
    {
        CutLink(null, isCut: false);
        for (int vf = 0; vf < _virtuals.Length; vf++)
            CutLink(vf, isCut: false);
    }

    /// <summary>All VFs are disabled: their ports leave the switch at once.</summary>
    public void RemoveVfs() => Switch.Change(() =>
    {
        for (int vf = 0; vf < _virtuals.Length; vf++)
        {
            if (_virtuals[vf] is { } port)
                Switch.RemovePort(port);
            Volatile.Write(ref _virtuals[vf], null);
        }
    });
}
