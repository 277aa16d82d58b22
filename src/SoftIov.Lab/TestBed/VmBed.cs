namespace SoftIov.Lab.TestBed;

/// <summary>
/// Where virtual machines for trials come from: a QEMU that is a vfio-user client, guest kernels and root file systems, made once and
/// kept in a cache (see docs/guide/test-bed.md).
/// </summary>
public sealed class VmBed
{
    private readonly QemuProgram _qemu;
    private readonly IReadOnlyDictionary<GuestKernel, GuestBoot> _boots;

    internal VmBed(QemuProgram qemu, IReadOnlyDictionary<GuestKernel, GuestBoot> boots, Accelerator accelerator)
    {
        _qemu = qemu;
        _boots = boots;
        Accelerator = accelerator;
    }

    /// <summary>Version of the QEMU it uses.</summary>
    public Version QemuVersion => _qemu.Version;

    /// <summary>How its machines run.</summary>
    public Accelerator Accelerator { get; }

    /// <summary>
    /// Makes ready what machines with <paramref name="kernels"/> need (none named: <see cref="GuestKernel.Stable"/>). The first time it
    /// fetches some 100 MB and takes a minute; then it is a matter of milliseconds. What cannot be had is a <see cref="BedException"/>.
    /// </summary>
    public static async Task<VmBed> PrepareAsync(
        IProgress<BedProgress> progress, CancellationToken cancellationToken, params GuestKernel[] kernels)
    {
        using BedCache cache = await BedCache.OpenAsync(progress, cancellationToken).ConfigureAwait(false);
        var builder = new BedBuilder(cache, progress, cancellationToken);
        return await builder.BuildAsync(kernels.Length == 0 ? [GuestKernel.Stable] : kernels).ConfigureAwait(false);
    }

    /// <summary>Release of a prepared kernel, as <c>uname -r</c> says it.</summary>
    public string KernelRelease(GuestKernel kernel) => Boot(kernel).Release;

    /// <summary>Starts a machine and waits until its guest takes commands.</summary>
    public Task<VirtualMachine> StartAsync(VirtualMachineOptions options, CancellationToken cancellationToken = default) =>
        VirtualMachine.StartAsync(_qemu, Boot(options.Kernel), Accelerator, options, null, cancellationToken);

    private GuestBoot Boot(GuestKernel kernel) => _boots.TryGetValue(kernel, out GuestBoot? boot)
        ? boot
        : throw new ArgumentException($"the bed was not prepared with the kernel {kernel}", nameof(kernel));
}
