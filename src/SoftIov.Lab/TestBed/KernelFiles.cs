using System.Security.Cryptography;
using System.Text;

namespace SoftIov.Lab.TestBed;

/// <summary>
/// A kernel in the cache: a folder with its image, the modules a guest needs, decompressed, and the order to load them in.
/// </summary>
internal sealed class KernelFiles
{
    private const string ImageName = "vmlinuz";
    private const string ReleaseName = "release";
    private const string OrderName = "modules.order";
    private const string StorageOrderName = "modules.storage";

    // An image of less is none: Debian ships placeholder packages of the same name.
    private const long ImageLeastBytes = 1 << 20;

    private static readonly string[] WantedModules =
    [
        "virtio_pci", "virtio_net", "8021q", "af_packet", "ipv6", "macvlan", "bridge", "pktgen", "vfio_pci", "nvme",
    ];

    // What the generic flavour has besides; its own drivers for physical functions come last, so that the guest's others are there.
    private static readonly string[] GenericModules = [.. WantedModules, "pci_pf_stub", "vmd"];

    // What guests with tools for disks have besides; ext4 asks for crc32c by another way than a dependency.
    private static readonly string[] StorageModules = ["crc32c_generic", "ext4"];

    private KernelFiles(string folder) => Folder = folder;

    /// <summary>The folder.</summary>
    public string Folder { get; }

    /// <summary>Path of the bootable image.</summary>
    public string Image => Path.Combine(Folder, ImageName);

    /// <summary>What <c>uname -r</c> will say.</summary>
    public string Release => File.ReadAllText(Path.Combine(Folder, ReleaseName));

    /// <summary>File names of the modules that guests with <paramref name="tools"/> load, each after those it depends on.</summary>
    public IReadOnlyList<string> ModuleOrder(GuestTools tools)
    {
        string[] order = File.ReadAllLines(Path.Combine(Folder, OrderName));
        return tools == GuestTools.Storage ? [.. order, .. File.ReadAllLines(Path.Combine(Folder, StorageOrderName))] : order;
    }

    /// <summary>Modules to collect for <paramref name="kernel"/>.</summary>
    public static IReadOnlyList<string> ModulesOf(GuestKernel kernel) =>
        kernel is GuestKernel.StableGeneric or GuestKernel.NewerGeneric ? GenericModules : WantedModules;

    /// <summary>Names a choice of modules: entries of another recipe are other entries.</summary>
    public static string Recipe(IReadOnlyList<string> modules) =>
        Convert.ToHexStringLower(SHA256.HashData(Encoding.ASCII.GetBytes(string.Join(' ', [.. modules, .. StorageModules]))))[..8];

    /// <summary>Opens a finished folder.</summary>
    public static KernelFiles Open(string folder) => new(folder);

    /// <summary>Whether this machine's own kernel and its modules can be read by this user.</summary>
    public static bool IsHostReadable()
    {
        string release = HostRelease();
        try
        {
            using FileStream image = File.OpenRead($"/boot/vmlinuz-{release}");
            return Directory.Exists($"/lib/modules/{release}/kernel");
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            return false;
        }
    }

    /// <summary>Collects this machine's own kernel into <paramref name="target"/>.</summary>
    public static Task CollectHostAsync(
        IReadOnlyList<string> wanted, string target, Decompressor decompressor, CancellationToken cancellationToken)
    {
        string release = HostRelease();
        return CollectAsync($"/boot/vmlinuz-{release}", $"/lib/modules/{release}", wanted, target, decompressor, cancellationToken);
    }

    /// <summary>Collects the kernel unpacked from packages into <paramref name="root"/> to <paramref name="target"/>.</summary>
    public static Task CollectAsync(
        string root, IReadOnlyList<string> wanted, string target, Decompressor decompressor, CancellationToken cancellationToken)
    {
        string image = Directory.EnumerateFiles(root, "vmlinuz*", SearchOption.AllDirectories)
            .FirstOrDefault(file => new FileInfo(file) is { LinkTarget: null, Length: >= ImageLeastBytes })
            ?? throw new BedException($"the kernel packages hold no kernel image ({root})");
        string modules = Directory.EnumerateDirectories(root, "modules", SearchOption.AllDirectories)
            .Where(folder => Path.GetFileName(Path.GetDirectoryName(folder)) == "lib")
            .SelectMany(Directory.EnumerateDirectories)
            .FirstOrDefault(folder => Directory.Exists(Path.Combine(folder, "kernel")))
            ?? throw new BedException($"the kernel packages hold no modules ({root})");
        return CollectAsync(image, modules, wanted, target, decompressor, cancellationToken);
    }

    private static async Task CollectAsync(
        string image,
        string modules,
        IReadOnlyList<string> wanted,
        string target,
        Decompressor decompressor,
        CancellationToken cancellationToken)
    {
        Directory.CreateDirectory(target);
        File.Copy(image, Path.Combine(target, ImageName));
        var set = new ModuleSet(modules, target, decompressor);
        foreach (string module in wanted)
        {
            await set.AddAsync(module, cancellationToken).ConfigureAwait(false);
        }

        string[] order = [.. set.Order];
        foreach (string module in StorageModules)
        {
            await set.AddAsync(module, cancellationToken).ConfigureAwait(false);
        }

        IEnumerable<string> storage = set.Order.Skip(order.Length);
        await File.WriteAllLinesAsync(Path.Combine(target, OrderName), order, cancellationToken).ConfigureAwait(false);
        await File.WriteAllLinesAsync(Path.Combine(target, StorageOrderName), storage, cancellationToken).ConfigureAwait(false);
        await File.WriteAllTextAsync(Path.Combine(target, ReleaseName), Path.GetFileName(modules), cancellationToken).ConfigureAwait(false);
    }

    private static string HostRelease() => File.ReadAllText("/proc/sys/kernel/osrelease").Trim();
}
