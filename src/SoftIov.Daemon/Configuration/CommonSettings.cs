using SoftIov.Api;
using static SoftIov.Daemon.Configuration.SettingText;

namespace SoftIov.Daemon.Configuration;

/// <summary>The keys that adapters and VFs of every personality have.</summary>
internal static class CommonSettings
{
    private static readonly Words<WholeInterruptMode> WholeModes =
        new(("messages", WholeInterruptMode.Messages), ("remapped", WholeInterruptMode.Remapped));

    /// <summary>The key that says what an adapter's functions are.</summary>
    public const string PersonalityKey = "personality";

    /// <summary>Words of the personalities.</summary>
    public static Words<Personality> Personalities { get; } = new(("net", Personality.Net), ("nvme", Personality.Nvme));

    /// <summary>An adapter keeps its personality: it is what the adapter is.</summary>
    public static Setting<AdapterSpec> OfPersonality { get; } = new(
        PersonalityKey,
        Personalities.Expected,
        (a, t) => Personalities.Parse(t) == a.Personality ? a : null,
        a => Personalities.Show(a.Personality)) { Words = Personalities.All };

    /// <summary>How many VFs there may be and are.</summary>
    public static IReadOnlyList<Setting<AdapterSpec>> Counts { get; } =
    [
        new("totalVfs", "1 to 65535", (a, t) => Number(t) is { } n ? a with { TotalVfs = n } : null, a => Show(a.TotalVfs)),
        new("numVfs", "0 to totalVfs", (a, t) => Number(t) is { } n ? a with { NumVfs = n } : null, a => Show(a.NumVfs)),
    ];

    /// <summary>An adapter for one VM.</summary>
    public static IReadOnlyList<Setting<AdapterSpec>> Whole { get; } =
    [
        Flag("whole", a => a.Whole, (a, on) => a with { Whole = on }),
        new(
            "wholeInterrupts",
            WholeModes.Expected,
            (a, t) => WholeModes.Parse(t) is { } mode ? a with { WholeInterrupts = mode } : null,
            a => WholeModes.Show(a.WholeInterrupts)) { Words = WholeModes.All },
    ];

    /// <summary>How functions are served.</summary>
    public static IReadOnlyList<Setting<AdapterSpec>> Serving { get; } =
    [
        Flag("allowUnsealedMemory", a => a.AllowUnsealedMemory, (a, on) => a with { AllowUnsealedMemory = on }),
        new("socketDirectory", "an absolute path, or none", (a, t) => a with { SocketDirectory = Optional(t) }, a => Show(a.SocketDirectory))
        {
            Words = [None],
        },
    ];

    /// <summary>Who may attach a VF.</summary>
    public static Setting<VfSpec> Owner { get; } =
        new("owner", "a user name or id, or none", (v, t) => v with { Owner = Optional(t) }, v => Show(v.Owner)) { Words = [None] };

    /// <summary>How a VF interrupts, of the ways that its personality has.</summary>
    public static Setting<VfSpec> Interrupts(Words<InterruptMode> modes) => new(
        "interrupts", modes.Expected, (v, t) => modes.Parse(t) is { } m ? v with { Interrupts = m } : null, v => modes.Show(v.Interrupts))
        {
            Words = modes.All,
        };

    private static Setting<AdapterSpec> Flag(string key, Func<AdapterSpec, bool> get, Func<AdapterSpec, bool, AdapterSpec> set) => new(
        key, "true or false", (a, t) => Switch(t) is { } on ? set(a, on) : null, a => get(a) ? "true" : "false") { Words = ["true", "false"] };
}
