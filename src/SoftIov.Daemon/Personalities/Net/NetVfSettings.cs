using SoftIov.Api;
using SoftIov.Daemon.Configuration;
using static SoftIov.Daemon.Configuration.SettingText;

namespace SoftIov.Daemon.Personalities;

/// <summary>The keys of a VF of a net adapter, in the words of ip-link(8).</summary>
internal static class NetVfSettings
{
    private static readonly Words<VlanProtocol> Protocols = new(("802.1Q", VlanProtocol.Dot1Q), ("802.1ad", VlanProtocol.Dot1Ad));

    private static readonly Words<VfLinkState> States =
        new(("auto", VfLinkState.Auto), ("enable", VfLinkState.Enable), ("disable", VfLinkState.Disable));

    private static readonly Words<InterruptMode> Modes = new(("msix", InterruptMode.Msix), ("intx", InterruptMode.Intx));

    private const string ExpectedTransport = "vfio-user, vhost-user or vhost-user:/PATH of a front-end that listens";

    /// <summary>All of them, in the order they are shown.</summary>
    public static IReadOnlyList<Setting<VfSpec>> All { get; } =
    [
        Net("mac", "a MAC address such as 52:54:00:12:34:56, or none", (v, t) => v with { Mac = Address(t) }, v => Show(v.Mac), None),
        Net("vlan", "0 to 4094", (v, t) => Number(t) is { } n ? v with { Vlan = n } : null, v => Show(v.Vlan)),
        Net("qos", "0 to 7", (v, t) => Number(t) is { } n ? v with { Qos = n } : null, v => Show(v.Qos)),
        Net(
            "proto",
            Protocols.Expected,
            (v, t) => Protocols.Parse(t) is { } p ? v with { Proto = p } : null,
            v => Protocols.Show(v.Proto),
            [.. Protocols.All]),
        Net("trunk", "VLAN ids such as 10,20-29, or all", (v, t) => v with { Trunk = t == "all" ? null : Optional(t) }, v => v.Trunk ?? "all", "all"),
        Net("spoofchk", "on or off", (v, t) => Switch(t) is { } on ? v with { Spoofchk = on } : null, v => Show(v.Spoofchk), [.. Switches]),
        Net("trust", "on or off", (v, t) => Switch(t) is { } on ? v with { Trust = on } : null, v => Show(v.Trust), [.. Switches]),
        Net(
            "state", States.Expected, (v, t) => States.Parse(t) is { } s ? v with { State = s } : null, v => States.Show(v.State), [.. States.All]),
        Net(
            "min_tx_rate",
            "Mbit/s, 0 for none",
            (v, t) => Number(t) is { } n ? v with { MinTxRateMegabits = n } : null,
            v => Show(v.MinTxRateMegabits)),
        Net(
            "max_tx_rate",
            "Mbit/s, 0 for no limit",
            (v, t) => Number(t) is { } n ? v with { MaxTxRateMegabits = n } : null,
            v => Show(v.MaxTxRateMegabits)),
        CommonSettings.Interrupts(Modes),
        Net("transport", ExpectedTransport, ParseTransport, ShowTransport, TransportName.VfioUser, TransportName.VhostUser),
        CommonSettings.Owner,
    ];

    private static NetVfSpec? ParseTransport(NetVfSpec vf, string text) => text.Split(':', 2) switch
    {
        [TransportName.VfioUser] => vf with { Transport = VfTransport.VfioUser, FrontEnd = null },
        [TransportName.VhostUser] => vf with { Transport = VfTransport.VhostUser, FrontEnd = null },
        [TransportName.VhostUser, ['/', ..] path] => vf with { Transport = VfTransport.VhostUser, FrontEnd = path },
        _ => null,
    };

    private static string ShowTransport(NetVfSpec vf) => vf.Transport == VfTransport.VfioUser
        ? TransportName.VfioUser
        : vf.FrontEnd is { } path ? $"{TransportName.VhostUser}:{path}" : TransportName.VhostUser;

    // All zeros is how ip-link(8) takes an address back.
    private static string? Address(string text) => text == "00:00:00:00:00:00" ? null : Optional(text);

    private static Setting<VfSpec> Net(
        string key, string expected, Func<NetVfSpec, string, NetVfSpec?> apply, Func<NetVfSpec, string> show, params string[] words) =>
        new Setting<NetVfSpec>(key, expected, apply, show) { Words = words }.For<VfSpec>();
}
