using SoftIov.Api;
using static SoftIov.Daemon.Configuration.SettingText;

namespace SoftIov.Daemon.Configuration;

/// <summary>The keys of a VF, in the words of ip-link(8).</summary>
internal static class VfSettings
{
    private static readonly Words<VlanProtocol> Protocols = new(("802.1Q", VlanProtocol.Dot1Q), ("802.1ad", VlanProtocol.Dot1Ad));

    private static readonly Words<VfLinkState> States =
        new(("auto", VfLinkState.Auto), ("enable", VfLinkState.Enable), ("disable", VfLinkState.Disable));

    private static readonly Words<InterruptMode> Modes = new(("msix", InterruptMode.Msix), ("intx", InterruptMode.Intx));

    /// <summary>All of them, in the order they are shown.</summary>
    public static IReadOnlyList<Setting<VfSpec>> All { get; } =
    [
        new("mac", "a MAC address such as 52:54:00:12:34:56, or none", (v, t) => v with { Mac = Address(t) }, v => Show(v.Mac)) { Words = [None] },
        new("vlan", "0 to 4094", (v, t) => Number(t) is { } n ? v with { Vlan = n } : null, v => Show(v.Vlan)),
        new("qos", "0 to 7", (v, t) => Number(t) is { } n ? v with { Qos = n } : null, v => Show(v.Qos)),
        new("proto", Protocols.Expected, (v, t) => Protocols.Parse(t) is { } p ? v with { Proto = p } : null, v => Protocols.Show(v.Proto))
        {
            Words = Protocols.All,
        },
        new(
            "trunk",
            "VLAN ids such as 10,20-29, or all",
            (v, t) => v with { Trunk = t == "all" ? null : Optional(t) },
            v => v.Trunk ?? "all") { Words = ["all"] },
        new("spoofchk", "on or off", (v, t) => Switch(t) is { } on ? v with { Spoofchk = on } : null, v => Show(v.Spoofchk)) { Words = Switches },
        new("trust", "on or off", (v, t) => Switch(t) is { } on ? v with { Trust = on } : null, v => Show(v.Trust)) { Words = Switches },
        new("state", States.Expected, (v, t) => States.Parse(t) is { } s ? v with { State = s } : null, v => States.Show(v.State))
        {
            Words = States.All,
        },
        new(
            "min_tx_rate",
            "Mbit/s, 0 for none",
            (v, t) => Number(t) is { } n ? v with { MinTxRateMegabits = n } : null,
            v => Show(v.MinTxRateMegabits)),
        new(
            "max_tx_rate",
            "Mbit/s, 0 for no limit",
            (v, t) => Number(t) is { } n ? v with { MaxTxRateMegabits = n } : null,
            v => Show(v.MaxTxRateMegabits)),
        new(
            "interrupts",
            Modes.Expected,
            (v, t) => Modes.Parse(t) is { } m ? v with { Interrupts = m } : null,
            v => Modes.Show(v.Interrupts)) { Words = Modes.All },
        new("owner", "a user name or id, or none", (v, t) => v with { Owner = Optional(t) }, v => Show(v.Owner)) { Words = [None] },
    ];

    /// <summary>What differs, as <c>vlan=100 trust=on</c>.</summary>
    public static string Difference(VfSpec from, VfSpec to) =>
        string.Join(' ', All.Where(s => s.Show(from) != s.Show(to)).Select(s => $"{s.Key}={s.Show(to)}"));

    // All zeros is how ip-link(8) takes an address back.
    private static string? Address(string text) => text == "00:00:00:00:00:00" ? null : Optional(text);
}
