using SoftIov.Api;
using SoftIov.Daemon.Personalities;
using SoftIov.Daemon.Planning;
using SoftIov.Devices.Virtio.Net;
using SoftIov.Pcie;

namespace SoftIov.Daemon.Composition;

/// <summary>What makes an adapter a network adapter: the switch with its ports, the uplink, the functions behind the ports.</summary>
internal sealed class NetPersonality : IAdapterPersonality
{
    private readonly NetAdapterSpec _spec;
    private readonly NetFunctionFactory _factory;

    /// <summary>Without uplink yet.</summary>
    public NetPersonality(AdapterContext context, NetAdapterSpec spec)
    {
        _spec = spec;
        Ports = new PortPlan(spec, context.Time);
        Uplink = new UplinkSlot(context, Ports.Switch, spec.Name, spec.Mtu);
        _factory = new NetFunctionFactory(context, Ports, spec.TotalVfs);
    }

    /// <inheritdoc/>
    public IPersonality Physical => _factory.Physical;

    /// <inheritdoc/>
    public IVirtualFunctionFactory Virtuals => _factory;

    /// <inheritdoc/>
    public AdapterSpec Spec => _spec with { Vfs = Ports.Policies, Uplink = Uplink.Spec, LineRateMegabits = Ports.Switch.LineRateMegabits };

    /// <summary>The ports and what the operator said of them.</summary>
    public PortPlan Ports { get; }

    /// <summary>Where the switch meets the world.</summary>
    public UplinkSlot Uplink { get; }

    /// <summary>The network function behind the PF or a VF; null for a VF that nobody touched.</summary>
    public NetFunction? Function(int? vf) => vf is { } number ? _factory[number] : _factory.Physical;

    /// <inheritdoc/>
    public void Start() => Uplink.Change(_spec.Uplink);

    /// <inheritdoc/>
    public void ChangeVf(int vf, VfSpec wanted) => Ports.Change(vf, (NetVfSpec)wanted);

    /// <inheritdoc/>
    public ServedRings? RingsOf(int vf) => Ports.PolicyOf(vf) is { Transport: VfTransport.VhostUser } policy && Function(vf) is { } function
        ? new ServedRings(function.Rings, policy.FrontEnd)
        : null;

    /// <inheritdoc/>
    public string Change(AdapterChange change)
    {
        switch (change)
        {
            case ChangeUplink { Uplink: var uplink }:
                Uplink.Change(uplink);
                return $"uplink {uplink}";
            case ChangeLineRate { Megabits: var megabits }:
                Ports.Switch.LineRateMegabits = megabits;
                return megabits == 0 ? "no line rate" : $"line rate {megabits} Mbit/s";
            default:
                throw new InvalidOperationException($"no change of a net adapter: {change.GetType().Name}");
        }
    }

    /// <summary>
    /// A VF gets its port when it is first touched. So many are made as one change of the switch: its tables are not built for each, and
    /// yet no poller that has a driver's command to carry out waits long for the switch.
    /// </summary>
    public void MakeVfs(Action make) => Ports.Switch.Change(make);

    /// <inheritdoc/>
    public void ChangeHands() => Ports.MendLinks();

    /// <inheritdoc/>
    public AdapterStatus Status(SoftwareAdapter adapter, IReadOnlyList<FunctionStatus> functions) => new NetAdapterStatus
    {
        Name = _spec.Name,
        TotalVfs = _spec.TotalVfs,
        NumVfs = functions.Count - 1,
        WholeSocket = adapter.Whole?.Path,
        Whole = adapter.Whole?.Attachment,
        Mtu = _spec.Mtu,
        QueuePairs = _spec.QueuePairs,
        Uplink = new UplinkStatus(Uplink.Spec.Kind, Uplink.LinkUp, Uplink.Spec.Name),
        Functions = functions,
    };

    /// <inheritdoc/>
    public FunctionStatus? Status(SoftwareAdapter adapter, int? vf) => NetReport.Of(this, adapter, vf);

    /// <inheritdoc/>
    public IEnumerable<DescribeRow> Rows() => NetReport.AdapterRows(this, _spec);

    /// <inheritdoc/>
    public IEnumerable<DescribeSection> Sections() => [NetReport.UplinkTraffic(Uplink)];

    /// <inheritdoc/>
    public IEnumerable<DescribeRow> Rows(FunctionStatus function) => NetReport.FunctionRows((Api.NetFunctionStatus)function);

    /// <inheritdoc/>
    public IEnumerable<DescribeSection> Sections(FunctionStatus function) => NetReport.Sections(this, (Api.NetFunctionStatus)function);

    /// <inheritdoc/>
    public void Dispose() => Uplink.Dispose();
}
