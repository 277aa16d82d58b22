namespace SoftIov.Lab.TestBed;

/// <summary>DPDK's programs of the machine's Debian release, unpacked and not installed: another front-end than QEMU's.</summary>
public sealed class DpdkPrograms
{
    private const string DeveloperPackage = "dpdk-dev";

    /// <summary>Has libraries that the program is linked to, whatever it is used for.</summary>
    private const string DriversOfCards = "ibverbs-providers";

    private const string Testpmd = "dpdk-testpmd";
    private const string PluginFolder = "usr/lib/x86_64-linux-gnu/dpdk";

    /// <summary>Without the folder's others nothing is looked for that a machine may not have.</summary>
    private static readonly string[] Plugins = ["librte_mempool_ring.so.*", "librte_net_virtio.so.*"];

    private DpdkPrograms(IReadOnlyList<string> command) => TestpmdCommand = command;

    /// <summary>dpdk-testpmd with what it needs to find its drivers; options of the environment and of the program follow.</summary>
    public IReadOnlyList<string> TestpmdCommand { get; }

    /// <summary>Makes them ready; the first time some 60 MB are fetched. What cannot be had is a <see cref="BedException"/>.</summary>
    public static async Task<DpdkPrograms> PrepareAsync(IProgress<BedProgress> progress, CancellationToken cancellationToken)
    {
        using BedCache cache = await BedCache.OpenAsync(progress, cancellationToken).ConfigureAwait(false);
        var builder = new BedBuilder(cache, progress, cancellationToken);
        PackageRoot root = await builder.GetReleaseRootAsync("DPDK's programs", [DeveloperPackage], IsNeeded).ConfigureAwait(false);
        string folder = Directory.GetDirectories(Path.Combine(root.Folder, PluginFolder)).Order(StringComparer.Ordinal).LastOrDefault()
            ?? throw new BedException($"no drivers of DPDK in {root.Folder}");
        return new DpdkPrograms([.. root.CommandFor(Testpmd), .. Plugins.SelectMany(one => new[] { "-d", PluginIn(folder, one) })]);
    }

    private static string PluginIn(string folder, string name) =>
        Directory.GetFiles(folder, name).Order(StringComparer.Ordinal).FirstOrDefault() ?? throw new BedException($"no {name} in {folder}");

    /// <summary>The programs are in a package for developers, which wants compilers that are not needed to run them.</summary>
    private static bool IsNeeded(DebianPackage package)
    {
        bool isLibrary = package.Name.StartsWith("lib", StringComparison.Ordinal) && !package.Name.EndsWith("-dev", StringComparison.Ordinal);
        return isLibrary || package.Name is DeveloperPackage or DriversOfCards;
    }
}
