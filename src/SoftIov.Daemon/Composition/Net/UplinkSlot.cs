using SoftIov.Api;
using SoftIov.Datapath;
using SoftIov.Transports.Uplinks;

namespace SoftIov.Daemon.Composition;

/// <summary>The place of an adapter's uplink: empty, or an uplink with its port of the switch and its place at a poller.</summary>
internal sealed class UplinkSlot(AdapterContext context, VirtualSwitch parent, string adapter, int mtu) : IDisposable
{
    private static readonly PortCounters NoTraffic = new();

    private UplinkConnection? _connection;

    /// <summary>What is there.</summary>
    public UplinkSpec Spec { get; private set; } = UplinkSpec.None;

    /// <summary>The uplink's port; null without uplink.</summary>
    public SwitchPort? Port => _connection?.Port;

    /// <summary>Frames and bytes from the host's side: rx is what went out to it.</summary>
    public PortCounters Counters => Port?.Counters ?? NoTraffic;

    /// <summary>What became of frames between switch and host; null without uplink.</summary>
    public UplinkCounters? Losses => _connection?.Uplink.Counters;

    /// <summary>Link; up without uplink, since functions can talk to each other all the same.</summary>
    public bool LinkUp => _connection?.Uplink.HasCarrier ?? true;

    /// <summary>Replaces the uplink. On an error the old one stays, or comes back.</summary>
    public void Change(UplinkSpec spec)
    {
        UplinkSpec former = Spec;
        bool isSameInterface = former.Kind == spec.Kind && former.Name == spec.Name;
        IUplink? opened = isSameInterface ? null : context.Uplinks.Open(OptionsOf(spec));
        Close();
        try
        {
            Connect(opened ?? context.Uplinks.Open(OptionsOf(spec)), spec);
        }
        catch when (isSameInterface)
        {
            Connect(context.Uplinks.Open(OptionsOf(former)), former);
            throw;
        }
    }

    /// <inheritdoc/>
    public void Dispose() => Close();

    private void Connect(IUplink uplink, UplinkSpec spec)
    {
        _connection = UplinkConnection.Connect(uplink, parent, context.Scheduler, context.Sleeps, poller: 0);
        uplink.CarrierChanged += OnCarrierChanged;
        Spec = spec;
    }

    private void Close()
    {
        if (_connection is null)
            return;
        _connection.Uplink.CarrierChanged -= OnCarrierChanged;
        _connection.Dispose();
        _connection = null;
        Spec = UplinkSpec.None;
        parent.SetUplinkCarrier(true);
    }

    private void OnCarrierChanged(bool up) => context.Events.Publish(
        EventKind.LinkChanged, $"{adapter}/uplink", up ? "up" : "down");

    private UplinkOptions OptionsOf(UplinkSpec spec) => spec.Kind switch
    {
        UplinkKind.Tap => UplinkOptions.Tap(spec.Name!, spec.Create, mtu),
        UplinkKind.Interface => UplinkOptions.Interface(spec.Name!),
        _ => UplinkOptions.None,
    };
}
