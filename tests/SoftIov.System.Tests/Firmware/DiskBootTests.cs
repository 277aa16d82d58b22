using SoftIov.Lab.TestBed;
using SoftIov.SystemTests.Bed;
using SoftIov.SystemTests.Rigs;

namespace SoftIov.SystemTests.Firmware;

/// <summary>A UEFI firmware with its own NVMe driver boots from a function, and Linux's takes the controller over as it was left.</summary>
[Collection(BedCollection.Name)]
public sealed class DiskBootTests(BedFixture bed) : IDisposable
{
    private const int Megabytes = 64;

    /// <summary>Namespaces begin where the backing does.</summary>
    private const string DiskHash = "dd if=/dev/nvme0n1 bs=1M count=64 2>/dev/null | sha256sum";

    private readonly string _folder = Directory.CreateTempSubdirectory("softiov-boot-").FullName;

    private string Backing => Path.Combine(_folder, "disk.img");

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Theory]
    [InlineData("msix", false)]
    [InlineData("intx", false)]
    [InlineData("msix", true)]
    public async Task A_machine_boots_from_a_VF_again_and_again(string interrupts, bool hasIommu)
    {
        FirmwarePrograms programs = await FirmwarePrograms.PrepareAsync(new Progress<BedProgress>(), CancellationToken.None);
        await using Rig rig = await Rig.StartAsync(bed, Configuration($"numVfs: 1, vfs: {{0: {{interrupts: {interrupts}}}}}"));
        await BootAsync(rig, programs, "disk0/0", hasIommu);
    }

    [Fact]
    public async Task A_machine_boots_from_a_PF()
    {
        FirmwarePrograms programs = await FirmwarePrograms.PrepareAsync(new Progress<BedProgress>(), CancellationToken.None);
        await using Rig rig = await Rig.StartAsync(bed, Configuration("namespaces: [{id: 1, size: 64MiB, pf: true}]"));
        await BootAsync(rig, programs, "disk0/pf", hasIommu: false);
    }

    private string Configuration(string more) =>
        $"adapters: [{{name: disk0, personality: nvme, totalVfs: 1, backing: 'file:{Backing}:{Megabytes}MiB', {more}}}]";

    private Task BootAsync(Rig rig, FirmwarePrograms programs, string target, bool hasIommu) => rig.RunAsync(async () =>
    {
        var options = new VirtualMachineOptions { Name = "uefi", Firmware = programs.Firmware, SparePorts = 0, Iommu = hasIommu };
        string image = Path.Combine(_folder, "boot.img");
        await programs.MakeBootDiskAsync(image, Megabytes, rig.Bed, options);
        await HostCommand.CheckAsync($"dd if={image} of={Backing} bs=1M conv=notrunc,fsync 2>/dev/null");
        string hash = (await HostCommand.CheckAsync($"sha256sum <{image}")).Trim();

        VirtualMachine guest = await rig.BootAsync(options, target);
        Assert.Contains("SoftIov NVMe", guest.ConsoleLog, StringComparison.Ordinal);
        if (!hasIommu) // which makes reading it all take minutes
            Assert.Equal(hash, (await guest.CheckAsync(DiskHash)).Trim());
        await guest.RebootAsync();
        await guest.ResetAsync();
        await guest.CheckAsync("dd if=/dev/nvme0n1 of=/dev/null bs=4k count=500 iflag=direct 2>/dev/null && test -d /sys/firmware/efi");
        Assert.Equal("", await guest.CheckAsync("dmesg | grep -E 'nobody cared|nvme.*(timeout|error|fail)' || true"));
    });
}
