namespace SoftIov.Lab.TestBed;

/// <summary>
/// Finds out whether KVM works by booting a guest with it: a /dev/kvm that opens says little inside nested or sandboxed hosts, where
/// guests may hang.
/// </summary>
internal static class AcceleratorProbe
{
    private static readonly TimeSpan BootTimeout = TimeSpan.FromSeconds(15);

    /// <summary>Whether this user may open KVM's device.</summary>
    public static bool IsWorthTrying()
    {
        try
        {
            using FileStream device = new("/dev/kvm", FileMode.Open, FileAccess.ReadWrite, FileShare.ReadWrite, bufferSize: 0);
            return true;
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            return false;
        }
    }

    /// <summary>Boots once with KVM.</summary>
    public static async Task<Accelerator> RunAsync(QemuProgram qemu, GuestBoot boot, CancellationToken cancellationToken)
    {
        var options = new VirtualMachineOptions { Name = "kvm-probe", SparePorts = 0, MemoryMegabytes = 512 };
        try
        {
            VirtualMachine machine = await VirtualMachine.StartAsync(qemu, boot, Accelerator.Kvm, options, BootTimeout, cancellationToken)
                .ConfigureAwait(false);
            await machine.DisposeAsync().ConfigureAwait(false);
            return Accelerator.Kvm;
        }
        catch (BedException)
        {
            return Accelerator.Tcg;
        }
    }
}
