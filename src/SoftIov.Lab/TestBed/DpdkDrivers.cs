namespace SoftIov.Lab.TestBed;

/// <summary>Drivers of DPDK in a root. Those that are named are loaded and no others: these would look for what a machine may not have.</summary>
internal sealed class DpdkDrivers(PackageRoot root)
{
    private readonly string _folder = Directory.GetDirectories(Path.Combine(root.Folder, "usr/lib/x86_64-linux-gnu/dpdk"))
        .Order(StringComparer.Ordinal).LastOrDefault() ?? throw new BedException($"no drivers of DPDK in {root.Folder}");

    /// <summary>Options of DPDK's environment that load a driver, "net_virtio".</summary>
    public string[] OptionsFor(string driver)
    {
        string file = Directory.GetFiles(_folder, $"librte_{driver}.so.*").Order(StringComparer.Ordinal).FirstOrDefault()
            ?? throw new BedException($"no driver {driver} of DPDK in {_folder}");
        return ["-d", file];
    }
}
