namespace SoftIov.Datapath;

/// <summary>Per-VF rules with the meaning they have in <c>ip link set dev PF vf N ...</c> (ip-link(8)). Immutable; replaced whole.</summary>
public sealed record VfPolicy
{
    /// <summary>What a VF has before anyone says otherwise: spoofchk on, trust off, link auto, no VLAN, no limits.</summary>
    public static VfPolicy Default { get; } = new();

    /// <summary>What suits a PF: trusted, and free to send from any address, as the host's own side of a VEB is.</summary>
    public static VfPolicy Physical { get; } = new() { Trust = true, SpoofCheck = false };

    /// <summary>mac: administratively set address; all zero when the VF keeps its own.</summary>
    public MacAddress Mac { get; init; }

    /// <summary>vlan: port VLAN 1..4095, inserted and stripped unseen by the guest; 0 none.</summary>
    public ushort Vlan { get; init; }

    /// <summary>qos: priority code point 0..7 of the port VLAN.</summary>
    public byte Qos { get; init; }

    /// <summary>proto: tag protocol of the port VLAN, 8100h (802.1Q) or 88A8h (802.1ad).</summary>
    public ushort VlanProtocol { get; init; } = 0x8100;

    /// <summary>Trunk: VLAN ids the guest may tag itself when there is no port VLAN; 0 stands for untagged frames.</summary>
    public VlanSet Trunk { get; init; } = VlanSet.All;

    /// <summary>spoofchk: frames whose source is not the VF's address are dropped and counted.</summary>
    public bool SpoofCheck { get; init; } = true;

    /// <summary>trust: the VF may be promiscuous and change its address although the operator set one.</summary>
    public bool Trust { get; init; }

    /// <summary>state: the link as the VF sees it.</summary>
    public LinkState LinkState { get; init; } = LinkState.Auto;

    /// <summary>min_tx_rate in Mbit/s, guaranteed under contention; 0 none.</summary>
    public int MinTxRateMegabits { get; init; }

    /// <summary>max_tx_rate in Mbit/s; 0 none.</summary>
    public int MaxTxRateMegabits { get; init; }
}
