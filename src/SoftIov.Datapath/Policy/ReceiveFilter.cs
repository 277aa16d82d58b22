namespace SoftIov.Datapath;

/// <summary>What a driver asked to receive by its control queue (virtio 1.4, 5.1.6.5.1 to 5.1.6.5.3). Immutable; replaced whole.</summary>
public sealed record ReceiveFilter
{
    /// <summary>Own unicast, multicast and broadcast, no VLAN filtering: the state after reset.</summary>
    public static ReceiveFilter AtReset { get; } = new();

    /// <summary>All frames; honoured for trusted ports.</summary>
    public bool Promiscuous { get; init; }

    /// <summary>All multicast.</summary>
    public bool AllMulticast { get; init; } = true;

    /// <summary>All unicast; honoured for trusted ports.</summary>
    public bool AllUnicast { get; init; }

    /// <summary>No multicast.</summary>
    public bool NoMulticast { get; init; }

    /// <summary>No unicast.</summary>
    public bool NoUnicast { get; init; }

    /// <summary>No broadcast.</summary>
    public bool NoBroadcast { get; init; }

    /// <summary>Further unicast addresses; honoured for trusted ports.</summary>
    public IReadOnlyList<MacAddress> Unicast { get; init; } = [];

    /// <summary>Multicast addresses wanted when not all are.</summary>
    public IReadOnlyList<MacAddress> Multicast { get; init; } = [];

    /// <summary>VLAN ids wanted when the driver filters; null when it does not.</summary>
    public VlanSet? Vlans { get; init; }
}
