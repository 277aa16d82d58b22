using System.Security.Cryptography;
using System.Text;

namespace SoftIov.Lab.TestBed;

/// <summary>Makes the entries of the cache that a bed needs and are not there yet. What is there is never refreshed.</summary>
internal sealed class BedBuilder(BedCache cache, IProgress<BedProgress> progress, CancellationToken cancellationToken)
{
    private static readonly string[] ToolPackages =
        ["busybox-static", "dash", "util-linux", "iproute2", "ethtool", "iperf3", "tcpdump", "pciutils", "xz-utils", "zstd"];
    private static readonly string[] StoragePackages = ["nvme-cli", "fio", "e2fsprogs"];
    private const string ArchivePrefix = "apt-";
    private const string QemuPackage = "qemu-system-x86";
    private const string CloudKernelPackage = "linux-image-cloud-amd64";
    private const string GenericKernelPackage = "linux-image-amd64";
    private static readonly string[] Ballast = ["usr/share/doc", "usr/share/man", "usr/share/locale", "usr/share/i18n"];

    private readonly Dictionary<string, DebianArchive> _archives = [];
    private DebianRelease? _debian;
    private bool _debianAsked;

    /// <summary>Makes all and returns the bed.</summary>
    public async Task<VmBed> BuildAsync(GuestTools tools, IEnumerable<GuestKernel> kernels)
    {
        QemuProgram? qemu = await QemuProgram.FindOnMachineAsync(cancellationToken).ConfigureAwait(false);
        PackageRoot? root = null;
        if (qemu is null)
        {
            root = await GetRootAsync(GuestTools.Network, withQemu: true).ConfigureAwait(false);
            qemu = await QemuProgram.InRootAsync(root, cancellationToken).ConfigureAwait(false);
        }

        // Tools for disks have a root of their own: few guests need them.
        if (root is null || tools != GuestTools.Network)
        {
            root = await GetRootAsync(tools, withQemu: false).ConfigureAwait(false);
        }

        var boots = new Dictionary<GuestKernel, GuestBoot>();
        foreach (GuestKernel kernel in kernels)
        {
            boots[kernel] = await GetBootAsync(root, await GetKernelAsync(kernel, root).ConfigureAwait(false), tools).ConfigureAwait(false);
        }

        Accelerator accelerator = await GetAcceleratorAsync(qemu, boots.Values.First()).ConfigureAwait(false);
        // Those of interrupted runs too: a later one may have needed nothing more of them.
        foreach (string archive in Directory.GetDirectories(cache.Folder, $"{ArchivePrefix}*"))
        {
            Directory.Delete(archive, recursive: true);
        }

        return new VmBed(qemu, boots, accelerator, root, tools);
    }

    /// <summary>
    /// Packages of the machine's own release, or of newer suites, and what they depend on, of that what is <paramref name="isNeeded"/>, in a root.
    /// </summary>
    public async Task<PackageRoot> GetReleaseRootAsync(string what, string[] packages, Func<DebianPackage, bool> isNeeded, bool isNewer = false)
    {
        string folder = await cache.GetOrMakeAsync($"root-{Key([what, .. packages])}", async draft =>
        {
            DebianRelease debian = await GetDebianAsync().ConfigureAwait(false)
                ?? throw new BedException($"this machine knows no archive with {what}", "use a Debian whose apt knows an archive");
            IReadOnlyList<string> suites = isNewer ? debian.NewerSuites : [debian.Codename];
            DebianArchive archive = await GetArchiveAsync(debian, suites).ConfigureAwait(false);
            IReadOnlyList<DebianPackage> closure = await archive.ResolveAsync(packages, cancellationToken).ConfigureAwait(false);
            await archive.UnpackAsync([.. closure.Where(isNeeded)], draft, what, cancellationToken).ConfigureAwait(false);
        }).ConfigureAwait(false);
        return new PackageRoot(folder);
    }

    /// <summary>The QEMU of the machine's own release, whatever it can.</summary>
    public async Task<QemuProgram> GetReleaseQemuAsync()
    {
        PackageRoot root = await GetReleaseRootAsync("the release's QEMU", [QemuPackage], static _ => true).ConfigureAwait(false);
        return await QemuProgram.AnyInRootAsync(root, cancellationToken).ConfigureAwait(false);
    }

    private async Task<PackageRoot> GetRootAsync(GuestTools tools, bool withQemu)
    {
        var machine = new PackageRoot("/");
        string[] lacking = [.. GuestImage.ProgramsOf(tools).Where(program => machine.FindProgram(program) is null)];
        if (!withQemu && lacking.Length == 0)
        {
            return machine;
        }

        string[] packages = [.. withQemu ? [QemuPackage] : Array.Empty<string>(), .. ToolPackages];
        packages = tools == GuestTools.Storage ? [.. packages, .. StoragePackages] : packages;
        string folder = await cache.GetOrMakeAsync($"root-{Key(packages)}", draft => UnpackRootAsync(packages, draft, withQemu, lacking))
            .ConfigureAwait(false);
        return new PackageRoot(folder);
    }

    private async Task UnpackRootAsync(string[] packages, string draft, bool withQemu, string[] lacking)
    {
        DebianRelease debian = await GetDebianAsync().ConfigureAwait(false) ?? throw new BedException(
            withQemu
                ? $"no {QemuProgram.Name} of version {QemuProgram.FirstWithVfioUser} or newer with vfio-user-pci on this machine"
                : $"guests need {string.Join(", ", lacking)}, which this machine lacks",
            "install it, or use a Debian whose apt knows an archive: it is then fetched from there");
        DebianArchive archive = await GetArchiveAsync(debian, debian.NewerSuites).ConfigureAwait(false);
        IReadOnlyList<DebianPackage> closure = await archive.ResolveAsync(packages, cancellationToken).ConfigureAwait(false);
        string what = withQemu ? "QEMU and the guests' tools" : "the guests' tools";
        await archive.UnpackAsync(closure, draft, what, cancellationToken).ConfigureAwait(false);
        foreach (string folder in Ballast.Select(folder => Path.Combine(draft, folder)).Where(Directory.Exists))
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    private async Task<KernelFiles> GetKernelAsync(GuestKernel kernel, PackageRoot root)
    {
        var decompressor = new Decompressor(root);
        IReadOnlyList<string> modules = KernelFiles.ModulesOf(kernel);
        bool hostReadable = kernel == GuestKernel.Stable && KernelFiles.IsHostReadable();
        if (hostReadable && (!Environment.IsPrivilegedProcess || await GetDebianAsync().ConfigureAwait(false) is null))
        {
            string release = (await File.ReadAllTextAsync("/proc/sys/kernel/osrelease", cancellationToken).ConfigureAwait(false)).Trim();
            return KernelFiles.Open(await cache.GetOrMakeAsync(
                $"kernel-own-{release}-{KernelFiles.Recipe(modules)}",
                draft => KernelFiles.CollectHostAsync(modules, draft, decompressor, cancellationToken)).ConfigureAwait(false));
        }

        return KernelFiles.Open(await cache.GetOrMakeAsync(
            $"kernel-{kernel.ToString().ToLowerInvariant()}-{KernelFiles.Recipe(modules)}",
            draft => UnpackKernelAsync(kernel, draft, decompressor)).ConfigureAwait(false));
    }

    private async Task UnpackKernelAsync(GuestKernel kernel, string draft, Decompressor decompressor)
    {
        DebianRelease debian = await GetDebianAsync().ConfigureAwait(false) ?? throw new BedException(
            kernel == GuestKernel.Stable ? "no readable kernel image in /boot" : $"this machine knows no archive with the kernel {kernel}",
            "use a Debian whose apt knows an archive, or (for one kernel) make /boot/vmlinuz-$(uname -r) readable");
        bool newer = kernel is GuestKernel.Newer or GuestKernel.NewerGeneric;
        bool generic = kernel is GuestKernel.StableGeneric or GuestKernel.NewerGeneric;
        IReadOnlyList<string> suites = newer ? debian.NewerSuites : [debian.Codename];
        DebianArchive archive = await GetArchiveAsync(debian, suites).ConfigureAwait(false);
        IReadOnlyList<DebianPackage> closure = await archive
            .ResolveAsync([generic ? GenericKernelPackage : CloudKernelPackage], cancellationToken).ConfigureAwait(false);
        IReadOnlyList<DebianPackage> packages = [.. closure.Where(package => package.Name.StartsWith("linux-", StringComparison.Ordinal))];
        string unpacked = cache.NewDraft("packages");
        await archive.UnpackAsync(packages, unpacked, $"the kernel of {suites[^1]}", cancellationToken).ConfigureAwait(false);
        await KernelFiles.CollectAsync(unpacked, KernelFiles.ModulesOf(kernel), draft, decompressor, cancellationToken)
            .ConfigureAwait(false);
        Directory.Delete(unpacked, recursive: true);
    }

    private async Task<GuestBoot> GetBootAsync(PackageRoot root, KernelFiles kernel, GuestTools tools)
    {
        var image = new GuestImage(root, kernel, tools);
        string initramfs = await cache.GetOrMakeAsync($"initramfs-{image.ContentHash()}", draft =>
        {
            progress.Report(new BedProgress($"builds the guest image of {kernel.Release}"));
            return image.WriteAsync(draft, cancellationToken);
        }).ConfigureAwait(false);
        return new GuestBoot(kernel.Image, initramfs, kernel.Release);
    }

    private async Task<Accelerator> GetAcceleratorAsync(QemuProgram qemu, GuestBoot boot)
    {
        if (!AcceleratorProbe.IsWorthTrying())
        {
            return Accelerator.Tcg;
        }

        string host = await File.ReadAllTextAsync("/proc/version", cancellationToken).ConfigureAwait(false);
        string verdict = await cache.GetOrMakeAsync($"accelerator-{Key([host, .. qemu.Command, qemu.Version.ToString()])}", async draft =>
        {
            progress.Report(new BedProgress("tries whether guests run with KVM"));
            Accelerator found = await AcceleratorProbe.RunAsync(qemu, boot, cancellationToken).ConfigureAwait(false);
            await File.WriteAllTextAsync(draft, found.ToString(), cancellationToken).ConfigureAwait(false);
        }).ConfigureAwait(false);
        return Enum.Parse<Accelerator>(await File.ReadAllTextAsync(verdict, cancellationToken).ConfigureAwait(false));
    }

    private async Task<DebianRelease?> GetDebianAsync()
    {
        if (!_debianAsked)
        {
            _debian = await DebianRelease.DetectAsync(cancellationToken).ConfigureAwait(false);
            _debianAsked = true;
        }

        return _debian;
    }

    private async Task<DebianArchive> GetArchiveAsync(DebianRelease debian, IReadOnlyList<string> suites)
    {
        string name = $"{ArchivePrefix}{suites[^1]}";
        if (!_archives.TryGetValue(name, out DebianArchive? archive))
        {
            archive = await DebianArchive.OpenAsync(cache.PathOf(name), debian, suites, progress, cancellationToken).ConfigureAwait(false);
            _archives.Add(name, archive);
        }

        return archive;
    }

    private static string Key(IEnumerable<string> parts) =>
        Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(string.Join('\n', parts))))[..12];
}
