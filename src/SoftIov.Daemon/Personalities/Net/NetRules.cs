using SoftIov.Api;
using SoftIov.Daemon.Configuration;
using SoftIov.Daemon.Planning;

namespace SoftIov.Daemon.Personalities;

/// <summary>What configuration and planning know of net adapters.</summary>
internal sealed class NetRules : PersonalityRules
{
    /// <inheritdoc/>
    public override AdapterSpec UsualAdapter { get; } = new NetAdapterSpec("");

    /// <inheritdoc/>
    public override VfSpec UsualVf => NetVfSpec.Default;

    /// <inheritdoc/>
    public override IReadOnlyList<Setting<AdapterSpec>> AdapterSettings => NetAdapterSettings.All;

    /// <inheritdoc/>
    public override IReadOnlyList<Setting<VfSpec>> VfSettings => NetVfSettings.All;

    /// <inheritdoc/>
    public override AdapterSpec? Read(ConfigValues values, AdapterSpec adapter, ConfigScalar key, ConfigNode value, string path) =>
        key.Text == "uplink" && value is ConfigMapping ? (NetAdapterSpec)adapter with { Uplink = new UplinkReader(values).Read(value, path) } : null;

    /// <inheritdoc/>
    public override void Check(AdapterSpec adapter, string path, Claims claims, ConfigErrors errors) =>
        NetChecks.Check((NetAdapterSpec)adapter, path, claims, errors);

    /// <inheritdoc/>
    public override string Summary(AdapterSpec adapter) => $"uplink {((NetAdapterSpec)adapter).Uplink}, mtu {((NetAdapterSpec)adapter).Mtu}";

    /// <inheritdoc/>
    public override AdapterSpec WithLive(AdapterSpec was, AdapterSpec to)
    {
        var wanted = (NetAdapterSpec)to;
        return (NetAdapterSpec)was with { Uplink = wanted.Uplink, Vfs = wanted.Vfs, LineRateMegabits = wanted.LineRateMegabits };
    }

    /// <inheritdoc/>
    public override void Plan(CurrentAdapter was, AdapterSpec to, PlanBuilder plan)
    {
        var former = (NetAdapterSpec)was.Spec;
        var wanted = (NetAdapterSpec)to;
        if (former.Uplink != wanted.Uplink)
            plan.Add(new ChangeUplink(to.Name, wanted.Uplink));
        if (former.LineRateMegabits != wanted.LineRateMegabits)
            plan.Add(new ChangeLineRate(to.Name, wanted.LineRateMegabits));
        foreach (int vf in was.Attached.Where(vf => vf >= 0).Order())
        {
            if (Place(former, vf) != Place(wanted, vf))
                plan.Lose($"{to.Name}/{vf}");
        }
    }

    /// <summary>Where a VF is served: who is there loses it when that is another.</summary>
    private static (VfTransport Transport, string? FrontEnd) Place(NetAdapterSpec adapter, int vf) =>
        adapter.Vf(vf) is NetVfSpec spec ? (spec.Transport, spec.FrontEnd) : default;

    /// <inheritdoc/>
    public override AdapterStatus Missing(AdapterSpec adapter, string problem)
    {
        var net = (NetAdapterSpec)adapter;
        return new NetAdapterStatus
        {
            Name = net.Name,
            TotalVfs = net.TotalVfs,
            NumVfs = 0,
            Mtu = net.Mtu,
            QueuePairs = net.QueuePairs,
            Uplink = new UplinkStatus(net.Uplink.Kind, LinkUp: false, net.Uplink.Name),
            Problem = problem,
            Functions = [],
        };
    }
}
