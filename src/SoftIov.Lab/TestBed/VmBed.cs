namespace SoftIov.Lab.TestBed;

/// <summary>
/// Where virtual machines for trials come from: a QEMU that is a vfio-user client, guest kernels and root file systems, made once and
/// kept in a cache (see docs/guide/test-bed.md).
/// </summary>
public sealed class VmBed
{
    private readonly QemuProgram _qemu;
    private readonly IReadOnlyDictionary<GuestKernel, GuestBoot> _boots;
    private readonly PackageRoot _root;

    internal VmBed(
        QemuProgram qemu, IReadOnlyDictionary<GuestKernel, GuestBoot> boots, Accelerator accelerator, PackageRoot root, GuestTools tools)
    {
        _qemu = qemu;
        _boots = boots;
        _root = root;
        Accelerator = accelerator;
        Tools = tools;
    }

    /// <summary>What its guests have.</summary>
    public GuestTools Tools { get; }

    /// <summary>Version of the QEMU it uses.</summary>
    public Version QemuVersion => _qemu.Version;

    /// <summary>How its machines run.</summary>
    public Accelerator Accelerator { get; }

    /// <summary>
    /// Makes ready what machines with <paramref name="kernels"/> need (none named: <see cref="GuestKernel.Stable"/>). The first time it
    /// fetches some 100 MB and takes a minute; then it is a matter of milliseconds. What cannot be had is a <see cref="BedException"/>.
    /// </summary>
    public static Task<VmBed> PrepareAsync(
        IProgress<BedProgress> progress, CancellationToken cancellationToken, params GuestKernel[] kernels) =>
        PrepareAsync(progress, cancellationToken, GuestTools.Network, kernels);

    /// <summary>As above, for guests with <paramref name="tools"/>; those for disks are some 80 MB more to fetch.</summary>
    public static async Task<VmBed> PrepareAsync(
        IProgress<BedProgress> progress, CancellationToken cancellationToken, GuestTools tools, params GuestKernel[] kernels)
    {
        using BedCache cache = await BedCache.OpenAsync(progress, cancellationToken).ConfigureAwait(false);
        var builder = new BedBuilder(cache, progress, cancellationToken);
        return await builder.BuildAsync(tools, kernels.Length == 0 ? [GuestKernel.Stable] : kernels).ConfigureAwait(false);
    }

    /// <summary>
    /// The same guests with the QEMU of the machine's own Debian release, which may be too old to be a vfio-user client; the first time some
    /// 60 MB are fetched.
    /// </summary>
    public async Task<VmBed> WithReleaseQemuAsync(IProgress<BedProgress> progress, CancellationToken cancellationToken)
    {
        using BedCache cache = await BedCache.OpenAsync(progress, cancellationToken).ConfigureAwait(false);
        QemuProgram qemu = await new BedBuilder(cache, progress, cancellationToken).GetReleaseQemuAsync().ConfigureAwait(false);
        return new VmBed(qemu, _boots, Accelerator, _root, Tools);
    }

    /// <summary>Release of a prepared kernel, as <c>uname -r</c> says it.</summary>
    public string KernelRelease(GuestKernel kernel) => Boot(kernel).Release;

    /// <summary>What its guests run on, in a few words.</summary>
    public string Describe(GuestKernel kernel) =>
        $"QEMU {QemuVersion} with {Accelerator.ToString().ToUpperInvariant()}, Linux {KernelRelease(kernel)}";

    /// <summary>Starts a machine and waits until its guest takes commands.</summary>
    public Task<VirtualMachine> StartAsync(VirtualMachineOptions options, CancellationToken cancellationToken = default) =>
        VirtualMachine.StartAsync(_qemu, Boot(options.Kernel), Accelerator, options, null, cancellationToken);

    /// <summary>
    /// Makes a disk image of <paramref name="megabytes"/> MiB, 16 or more, whose ext4 file system a guest can have as its root
    /// (<see cref="VirtualMachineOptions.RootDevice"/>): a shell, and what takes commands. Guests need tools for disks for that.
    /// </summary>
    public async Task MakeRootDiskAsync(string path, int megabytes = 32, CancellationToken cancellationToken = default)
    {
        if (Tools != GuestTools.Storage)
            throw new InvalidOperationException("the bed was not prepared with tools for disks");

        DirectoryInfo staging = Directory.CreateTempSubdirectory("softiov-disk-");
        try
        {
            await GuestImage.WriteDiskAsync(_root, staging.FullName, cancellationToken).ConfigureAwait(false);
            await new DiskImage(_root).WriteAsync(path, staging.FullName, megabytes, cancellationToken).ConfigureAwait(false);
        }
        finally
        {
            staging.Delete(recursive: true);
        }
    }

    internal GuestBoot Boot(GuestKernel kernel) => _boots.TryGetValue(kernel, out GuestBoot? boot)
        ? boot
        : throw new ArgumentException($"the bed was not prepared with the kernel {kernel}", nameof(kernel));
}
