using SoftIov.Lab.TestBed;
using SoftIov.SystemTests.Rigs;

namespace SoftIov.SystemTests.Whole;

/// <summary>
/// A daemon and a guest of one kernel that has net0 whole from its start; the others wait for being plugged in. One of the guest's free root
/// ports has the room that net2 needs, and no port what net3 would need.
/// </summary>
public abstract class WholeRig(GuestKernel kernel) : IAsyncLifetime
{
    private const string Configuration = """
        adapters:
          - {name: net0, totalVfs: 16, whole: true, vfs: {2: {mac: "02:50:f1:00:00:02"}}}
          - {name: net1, totalVfs: 16}
          - {name: net2, totalVfs: 64}
          - {name: net3, totalVfs: 300}
        """;

    private const string RoomyPort = "pcie-root-port,id=roomy,chassis=77,slot=77,mem-reserve=8M,pref64-reserve=4M";

    internal const string PlugDomain = "10001";

    internal Rig Rig { get; private set; } = null!;

    internal VirtualMachine Machine { get; private set; } = null!;

    internal WholeGuest Guest { get; private set; } = null!;

    /// <inheritdoc/>
    public async Task InitializeAsync()
    {
        var options = new VirtualMachineOptions { Name = "whole", Kernel = kernel, QemuArguments = ["-device", RoomyPort] };
        (Rig, Machine) = await StartAsync(options, Configuration);
        Guest = new WholeGuest(Machine, "10000", 1);
        await Rig.RunAsync(Guest.WaitForDomainAsync);
    }

    /// <inheritdoc/>
    public async Task DisposeAsync()
    {
        if (Rig is not null)
            await Rig.DisposeAsync();
    }

    /// <summary>Starts a daemon, and a guest that has its adapter net0 whole.</summary>
    internal static async Task<(Rig Rig, VirtualMachine Machine)> StartAsync(VirtualMachineOptions options, string configuration)
    {
        VmBed bed = await VmBed.PrepareAsync(new Progress<BedProgress>(), CancellationToken.None, options.Kernel);
        var rig = new Rig(bed, await DaemonProcess.StartAsync(configuration));
        try
        {
            return (rig, await rig.BootAsync(options with { Cpus = 2, MemoryMegabytes = 512 }, "net0"));
        }
        catch
        {
            await rig.DisposeAsync();
            throw;
        }
    }
}
