namespace SoftIov.Datapath;

/// <summary>A VLAN tag as it stands on the wire: tag protocol in bits 31:16, PCP 15:13, DEI 12, VLAN id 11:0. Zero is no tag.</summary>
public readonly record struct VlanTag(uint Value)
{
    /// <summary>Length on the wire in bytes.</summary>
    public const int Size = 4;

    /// <summary>Number of distinct values of <see cref="Domain"/>.</summary>
    internal const int DomainCount = 0x2000;

    private const int ServiceDomain = 0x1000;

    /// <summary>A tag of its parts.</summary>
    public VlanTag(ushort protocol, ushort controlInformation)
        : this((uint)protocol << 16 | controlInformation)
    {
    }

    /// <summary>8100h or 88A8h.</summary>
    public ushort Protocol => (ushort)(Value >> 16);

    /// <summary>12-bit VLAN id; 0 in a priority tag.</summary>
    public int Vlan => (int)(Value & 0xFFF);

    /// <summary>Whether there is a tag.</summary>
    public bool IsPresent => Value != 0;

    /// <summary>Whether this is an S-tag.</summary>
    public bool IsService => Protocol == EtherType.ServiceTag;

    /// <summary>
    /// The broadcast domain that the tag puts a frame into: 0 for untagged and priority-tagged frames, else the VLAN id, with bit 12 set for
    /// S-tags: VLAN 5 of a provider and VLAN 5 of a customer are two.
    /// </summary>
    internal int Domain => Vlan == 0 ? 0 : Vlan | (IsService ? ServiceDomain : 0);

    internal static bool IsServiceDomain(int domain) => domain >= ServiceDomain;

    internal static bool IsTagProtocol(ushort etherType) => etherType is EtherType.CustomerTag or EtherType.ServiceTag;
}
