using SoftIov.Api;
using SoftIov.Daemon.Configuration;
using static SoftIov.Daemon.Configuration.SettingText;

namespace SoftIov.Daemon.Personalities;

/// <summary>The keys of an nvme adapter that hold one value.</summary>
internal static class NvmeAdapterSettings
{
    /// <summary>How a backing is written as one word.</summary>
    public const string ExpectedBacking = "memory:SIZE, file:PATH, file:PATH:SIZE, block:PATH or null:SIZE";

    private const string Equal = "equal";

    private static readonly Words<NvmeBackingKind> Backings = new(
        ("memory", NvmeBackingKind.Memory), ("file", NvmeBackingKind.File), ("block", NvmeBackingKind.Block), ("null", NvmeBackingKind.Null));

    private static readonly Words<NvmeVfMode> VfModes = new(("auto", NvmeVfMode.Auto), ("managed", NvmeVfMode.Managed));

    private static readonly Words<NvmeDoorbells> DoorbellModes = new(("trapped", NvmeDoorbells.Trapped), ("shared", NvmeDoorbells.Shared));

    /// <summary>All of them, in the order they are shown.</summary>
    public static IReadOnlyList<Setting<AdapterSpec>> All { get; } =
    [
        CommonSettings.OfPersonality,
        .. CommonSettings.Counts,
        Nvme(
            "backing",
            ExpectedBacking,
            (a, t) => ParseBacking(t) is { } b ? a with { Backing = b } : null,
            a => Show(a.Backing?.ToString()),
            "memory:", "file:", "block:", "null:"),
        Nvme(
            "vfNamespaces",
            "equal, none or the size of each",
            (a, t) => ParseShare(t) is { } share ? a with { VfNamespaces = share } : null,
            a => a.OwnNamespaces.ToString(),
            Equal, None),
        Nvme("queuePairs", "1 to 64", (a, t) => Number(t) is { } n ? a with { QueuePairs = n } : null, a => Show(a.QueuePairs)),
        Nvme(
            "vfMode",
            VfModes.Expected,
            (a, t) => VfModes.Parse(t) is { } m ? a with { VfMode = m } : null,
            a => VfModes.Show(a.VfMode),
            [.. VfModes.All]),
        Nvme(
            "primaryResetKeepsSecondaries",
            "true or false",
            (a, t) => Switch(t) is { } on ? a with { PrimaryResetKeepsSecondaries = on } : null,
            a => a.PrimaryResetKeepsSecondaries ? "true" : "false",
            "true", "false"),
        Nvme(
            "doorbells",
            DoorbellModes.Expected,
            (a, t) => DoorbellModes.Parse(t) is { } m ? a with { Doorbells = m } : null,
            a => DoorbellModes.Show(a.Doorbells),
            [.. DoorbellModes.All]),
        .. CommonSettings.Whole,
        .. CommonSettings.Serving,
    ];

    /// <summary>A backing as one word; a path may have colons, a size stands behind the last.</summary>
    public static BackingSpec? ParseBacking(string text)
    {
        string[] parts = text.Split(':', 2);
        if (parts.Length < 2 || Backings.Parse(parts[0]) is not { } kind)
            return null;
        switch (kind)
        {
            case NvmeBackingKind.Memory or NvmeBackingKind.Null:
                return ByteSize.Parse(parts[1]) is { } size ? new BackingSpec(kind, Size: size) : null;
            case NvmeBackingKind.File when parts[1].LastIndexOf(':') is > 0 and var colon && ByteSize.Parse(parts[1][(colon + 1)..]) is { } length:
                return new BackingSpec(kind, parts[1][..colon], length);
            default:
                return new BackingSpec(kind, parts[1]);
        }
    }

    private static VfNamespacesSpec? ParseShare(string text) => text.ToLowerInvariant() switch
    {
        Equal => VfNamespacesSpec.Equal,
        None => VfNamespacesSpec.None,
        _ => ByteSize.Parse(text) is { } size ? new VfNamespacesSpec(VfShare.Sized, size) : null,
    };

    private static Setting<AdapterSpec> Nvme(
        string key,
        string expected,
        Func<NvmeAdapterSpec, string, NvmeAdapterSpec?> apply,
        Func<NvmeAdapterSpec, string> show,
        params string[] words) =>
        new Setting<NvmeAdapterSpec>(key, expected, apply, show) { Words = words }.For<AdapterSpec>();
}
