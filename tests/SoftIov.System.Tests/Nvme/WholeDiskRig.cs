using SoftIov.Lab.TestBed;
using SoftIov.SystemTests.Bed;
using SoftIov.SystemTests.Rigs;

namespace SoftIov.SystemTests.Nvme;

/// <summary>
/// A daemon and a guest that has disk0 whole, with data on every VF's disk that no test may lose. A newer kernel: before 6.8 Linux may lose
/// commands of its own when it resets under load, as docs/guide/nvme.md says.
/// </summary>
public sealed class WholeDiskRig : IAsyncLifetime
{
    private const GuestKernel Kernel = GuestKernel.NewerGeneric;

    private readonly string _folder = Directory.CreateTempSubdirectory("softiov-disk-").FullName;
    private string _kept = "";

    internal Rig Rig { get; private set; } = null!;

    internal VirtualMachine Machine { get; private set; } = null!;

    internal WholeDiskGuest Guest { get; private set; } = null!;

    /// <inheritdoc/>
    public async Task InitializeAsync()
    {
        VmBed bed = await StorageBed.PrepareAsync(Kernel);
        Rig = new Rig(bed, await DaemonProcess.StartAsync(
            $"adapters: [{{name: disk0, personality: nvme, totalVfs: {WholeDiskGuest.Vfs}, whole: true, "
            + $"backing: 'file:{_folder}/disk.img:64MiB', vfNamespaces: 8MiB}}]"));
        await Rig.RunAsync(async () =>
        {
            var options = new VirtualMachineOptions { Name = "whole", Kernel = Kernel, Cpus = 2, MemoryMegabytes = StorageBed.Memory };
            Machine = await Rig.BootAsync(options, "disk0");
            Guest = new WholeDiskGuest(Machine);
            await Guest.WaitForPhysicalAsync();
            await Guest.EnableAsync();
            _kept = await Guest.KeepAsync();
        });
    }

    /// <inheritdoc/>
    public async Task DisposeAsync()
    {
        if (Rig is not null)
            await Rig.DisposeAsync();
        Directory.Delete(_folder, recursive: true);
    }

    /// <summary>Runs the body of a test, with VFs in order; afterwards all disks must have the data that they had.</summary>
    internal Task RunAsync(Func<Task> body) => Rig.RunAsync(async () =>
    {
        await Guest.PrepareAsync();
        try
        {
            await body();
            Assert.Equal(_kept, await Guest.KeptAsync());
        }
        finally
        {
            await Rig.Daemon.RunAsync("inject", "disk0", "clear");
            await Guest.KillLoadsAsync();
        }
    });
}
