namespace SoftIov.Datapath;

/// <summary>EtherType values the switch looks at (IEEE 802 Numbers).</summary>
public static class EtherType
{
    /// <summary>IPv4.</summary>
    public const ushort IPv4 = 0x0800;

    /// <summary>IPv6.</summary>
    public const ushort IPv6 = 0x86DD;

    /// <summary>Customer VLAN tag (IEEE 802.1Q-2022, 9.5: C-TAG).</summary>
    public const ushort CustomerTag = 0x8100;

    /// <summary>Service VLAN tag (IEEE 802.1Q-2022, 9.5: S-TAG, formerly 802.1ad).</summary>
    public const ushort ServiceTag = 0x88A8;
}
