namespace SoftIov.Lab.TestBed;

/// <summary>
/// The switches that figures are compared with, DPDK's testpmd and Open vSwitch with DPDK, and what drives them and us: from packages of a
/// new release, fetched once.
/// </summary>
public sealed class PeerPrograms
{
    // testpmd is linked to drivers of cards, whatever it is used for.
    private static readonly string[] Packages =
        ["dpdk-dev", "ibverbs-providers", "openvswitch-switch-dpdk", "openvswitch-switch", "openvswitch-common"];

    private readonly PackageRoot _root;
    private readonly DpdkDrivers _drivers;

    private PeerPrograms(PackageRoot root)
    {
        _root = root;
        _drivers = new DpdkDrivers(root);
    }

    /// <summary>testpmd.</summary>
    public IReadOnlyList<string> Testpmd => _root.CommandFor("dpdk-testpmd");

    /// <summary>The switch daemon of Open vSwitch, linked with DPDK.</summary>
    public IReadOnlyList<string> Vswitchd => _root.CommandFor("ovs-vswitchd-dpdk");

    /// <summary>Schema of its database.</summary>
    public string VswitchSchema => _root.FindFile("usr/share/openvswitch/vswitch.ovsschema")
        ?? throw new BedException($"no schema of Open vSwitch in {_root.Folder}");

    /// <summary>Makes them ready. The first time some 60 MB are fetched; what cannot be had is a <see cref="BedException"/>.</summary>
    public static async Task<PeerPrograms> PrepareAsync(IProgress<BedProgress> progress, CancellationToken cancellationToken)
    {
        using BedCache cache = await BedCache.OpenAsync(progress, cancellationToken).ConfigureAwait(false);
        var builder = new BedBuilder(cache, progress, cancellationToken);
        return new PeerPrograms(
            await builder.GetReleaseRootAsync("DPDK and Open vSwitch", Packages, IsNeeded, isNewer: true).ConfigureAwait(false));
    }

    /// <summary>The command of another program of Open vSwitch: ovs-vsctl, ovsdb-server, ovsdb-tool.</summary>
    public IReadOnlyList<string> CommandFor(string program) => _root.CommandFor(program);

    /// <summary>
    /// Options of DPDK's environment: huge pages of this folder, no devices of the machine, memory in few files as vhost-user wants it, and
    /// the named drivers and no others.
    /// </summary>
    public IReadOnlyList<string> EnvironmentOptions(string hugePages, int megabytes, params ReadOnlySpan<string> drivers)
    {
        List<string> options =
        [
            "--no-pci", "--no-telemetry", "--iova-mode=va", "--single-file-segments", $"--huge-dir={hugePages}", "-m", $"{megabytes}",
        ];
        foreach (string driver in drivers)
            options.AddRange(_drivers.OptionsFor(driver));
        return options;
    }

    /// <summary>Compilers and Python are for those who build programs or read their state.</summary>
    private static bool IsNeeded(DebianPackage package) => package.IsLibrary || Packages.Contains(package.Name);
}
