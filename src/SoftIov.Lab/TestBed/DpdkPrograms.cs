namespace SoftIov.Lab.TestBed;

/// <summary>DPDK's programs of the machine's Debian release, unpacked and not installed: another front-end than QEMU's.</summary>
public sealed class DpdkPrograms
{
    private const string DeveloperPackage = "dpdk-dev";

    /// <summary>Has libraries that the program is linked to, whatever it is used for.</summary>
    private const string DriversOfCards = "ibverbs-providers";

    private const string Testpmd = "dpdk-testpmd";

    /// <summary>Ports at a VF, and ports whose wire is a file of frames.</summary>
    private static readonly string[] Drivers = ["mempool_ring", "net_virtio", "net_pcap"];

    private DpdkPrograms(IReadOnlyList<string> command) => TestpmdCommand = command;

    /// <summary>dpdk-testpmd with what it needs to find its drivers; options of the environment and of the program follow.</summary>
    public IReadOnlyList<string> TestpmdCommand { get; }

    /// <summary>Makes them ready; the first time some 60 MB are fetched. What cannot be had is a <see cref="BedException"/>.</summary>
    public static async Task<DpdkPrograms> PrepareAsync(IProgress<BedProgress> progress, CancellationToken cancellationToken)
    {
        using BedCache cache = await BedCache.OpenAsync(progress, cancellationToken).ConfigureAwait(false);
        var builder = new BedBuilder(cache, progress, cancellationToken);
        PackageRoot root = await builder.GetReleaseRootAsync("DPDK's programs", [DeveloperPackage], IsNeeded).ConfigureAwait(false);
        var drivers = new DpdkDrivers(root);
        return new DpdkPrograms([.. root.CommandFor(Testpmd), .. Drivers.SelectMany(drivers.OptionsFor)]);
    }

    /// <summary>The programs are in a package for developers, which wants compilers that are not needed to run them.</summary>
    private static bool IsNeeded(DebianPackage package) => package.IsLibrary || package.Name is DeveloperPackage or DriversOfCards;
}
