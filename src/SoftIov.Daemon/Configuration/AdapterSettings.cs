using SoftIov.Api;
using static SoftIov.Daemon.Configuration.SettingText;

namespace SoftIov.Daemon.Configuration;

/// <summary>The keys of an adapter that hold one value. <c>name</c> and <c>vfs</c> are read by <see cref="ConfigurationReader"/>.</summary>
internal static class AdapterSettings
{
    private static readonly Words<Personality> Personalities = new(("net", Personality.Net));

    private static readonly Words<UplinkKind> Uplinks =
        new((None, UplinkKind.None), ("tap", UplinkKind.Tap), ("interface", UplinkKind.Interface));

    private static readonly Words<WholeInterruptMode> WholeModes =
        new(("messages", WholeInterruptMode.Messages), ("remapped", WholeInterruptMode.Remapped));

    /// <summary>All of them, in the order they are shown.</summary>
    public static IReadOnlyList<Setting<AdapterSpec>> All { get; } =
    [
        new(
            "personality",
            Personalities.Expected,
            (a, t) => Personalities.Parse(t) is { } p ? a with { Personality = p } : null,
            a => Personalities.Show(a.Personality)) { Words = Personalities.All },
        new("totalVfs", "1 to 65535", (a, t) => Number(t) is { } n ? a with { TotalVfs = n } : null, a => Show(a.TotalVfs)),
        new("numVfs", "0 to totalVfs", (a, t) => Number(t) is { } n ? a with { NumVfs = n } : null, a => Show(a.NumVfs)),
        new(
            "uplink",
            "none, tap:NAME, tap:NAME:create or interface:NAME",
            (a, t) => ParseUplink(t) is { } u ? a with { Uplink = u } : null,
            a => ShowUplink(a.Uplink)) { Words = [None, "tap:", "interface:"] },
        new(
            "lineRate",
            "Mbit/s, 0 to 1000000",
            (a, t) => Number(t) is { } n ? a with { LineRateMegabits = n } : null,
            a => Show(a.LineRateMegabits)),
        new(
            "whole",
            "true or false",
            (a, t) => Switch(t) is { } on ? a with { Whole = on } : null,
            a => a.Whole ? "true" : "false") { Words = ["true", "false"] },
        new(
            "wholeInterrupts",
            WholeModes.Expected,
            (a, t) => WholeModes.Parse(t) is { } mode ? a with { WholeInterrupts = mode } : null,
            a => WholeModes.Show(a.WholeInterrupts)) { Words = WholeModes.All },
        new("mtu", "1280 to 65535", (a, t) => Number(t) is { } n ? a with { Mtu = n } : null, a => Show(a.Mtu)),
        new("queuePairs", "1 to 16", (a, t) => Number(t) is { } n ? a with { QueuePairs = n } : null, a => Show(a.QueuePairs)),
        new("mac", "a MAC address such as 52:54:00:12:34:56, or none", (a, t) => a with { Mac = Optional(t) }, a => Show(a.Mac)) { Words = [None] },
        new(
            "allowUnsealedMemory",
            "true or false",
            (a, t) => Switch(t) is { } on ? a with { AllowUnsealedMemory = on } : null,
            a => a.AllowUnsealedMemory ? "true" : "false") { Words = ["true", "false"] },
        new(
            "socketDirectory",
            "an absolute path, or none",
            (a, t) => a with { SocketDirectory = Optional(t) },
            a => Show(a.SocketDirectory)) { Words = [None] },
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
}
