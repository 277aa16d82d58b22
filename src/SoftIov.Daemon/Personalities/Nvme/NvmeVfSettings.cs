using SoftIov.Api;
using SoftIov.Daemon.Configuration;
using static SoftIov.Daemon.Configuration.SettingText;

namespace SoftIov.Daemon.Personalities;

/// <summary>The keys of a VF of an nvme adapter.</summary>
internal static class NvmeVfSettings
{
    private static readonly Words<InterruptMode> Modes =
        new(("msix", InterruptMode.Msix), ("msi", InterruptMode.Msi), ("intx", InterruptMode.Intx));

    /// <summary>All of them, in the order they are shown.</summary>
    public static IReadOnlyList<Setting<VfSpec>> All { get; } =
    [
        Nvme("iops", "I/O commands a second, 0 for no limit", (v, t) => Number(t) is { } n ? v with { Iops = n } : null, v => Show(v.Iops)),
        Nvme(
            "bandwidth",
            "MB a second, 0 for no limit",
            (v, t) => Number(t) is { } n ? v with { BandwidthMegabytes = n } : null,
            v => Show(v.BandwidthMegabytes)),
        CommonSettings.Interrupts(Modes),
        CommonSettings.Owner,
    ];

    private static Setting<VfSpec> Nvme(
        string key, string expected, Func<NvmeVfSpec, string, NvmeVfSpec?> apply, Func<NvmeVfSpec, string> show) =>
        new Setting<NvmeVfSpec>(key, expected, apply, show).For<VfSpec>();
}
