using SoftIov.Api;
using SoftIov.Daemon.Configuration;
using static SoftIov.Daemon.Configuration.SettingText;

namespace SoftIov.Daemon.Personalities;

/// <summary>The keys of a net adapter that hold one value.</summary>
internal static class NetAdapterSettings
{
    private static readonly Words<UplinkKind> Uplinks =
        new((None, UplinkKind.None), ("tap", UplinkKind.Tap), ("interface", UplinkKind.Interface));

    /// <summary>All of them, in the order they are shown.</summary>
    public static IReadOnlyList<Setting<AdapterSpec>> All { get; } =
    [
        CommonSettings.OfPersonality,
        .. CommonSettings.Counts,
        Net(
            "uplink",
            "none, tap:NAME, tap:NAME:create or interface:NAME",
            (a, t) => ParseUplink(t) is { } u ? a with { Uplink = u } : null,
            a => ShowUplink(a.Uplink),
            None, "tap:", "interface:"),
        Net(
            "lineRate",
            "Mbit/s, 0 to 1000000",
            (a, t) => Number(t) is { } n ? a with { LineRateMegabits = n } : null,
            a => Show(a.LineRateMegabits)),
        .. CommonSettings.Whole,
        Net("mtu", "1280 to 65535", (a, t) => Number(t) is { } n ? a with { Mtu = n } : null, a => Show(a.Mtu)),
        Net("queuePairs", "1 to 16", (a, t) => Number(t) is { } n ? a with { QueuePairs = n } : null, a => Show(a.QueuePairs)),
        Net("mac", "a MAC address such as 52:54:00:12:34:56, or none", (a, t) => a with { Mac = Optional(t) }, a => Show(a.Mac), None),
        .. CommonSettings.Serving,
    ];

    /// <summary>An uplink as one word: <c>none</c>, <c>tap:NAME</c>, <c>tap:NAME:create</c>, <c>interface:NAME</c>.</summary>
    public static UplinkSpec? ParseUplink(string text)
    {
        string[] parts = text.Split(':', 2);
        return (Uplinks.Parse(parts[0]), parts.Length) switch
        {
            (UplinkKind.None, 1) => UplinkSpec.None,
            (UplinkKind.Interface, 2) => new UplinkSpec(UplinkKind.Interface, parts[1]),
            (UplinkKind.Tap, 2) when parts[1].EndsWith(":create", StringComparison.Ordinal) =>
                new UplinkSpec(UplinkKind.Tap, parts[1][..^":create".Length], Create: true),
            (UplinkKind.Tap, 2) => new UplinkSpec(UplinkKind.Tap, parts[1]),
            _ => null,
        };
    }

    private static string ShowUplink(UplinkSpec uplink) =>
        uplink.Kind == UplinkKind.None ? None : $"{Uplinks.Show(uplink.Kind)}:{uplink.Name}{(uplink.Create ? ":create" : "")}";

    private static Setting<AdapterSpec> Net(
        string key, string expected, Func<NetAdapterSpec, string, NetAdapterSpec?> apply, Func<NetAdapterSpec, string> show, params string[] words) =>
        new Setting<NetAdapterSpec>(key, expected, apply, show) { Words = words }.For<AdapterSpec>();
}
