using SoftIov.Lab.TestBed;
using SoftIov.SystemTests.Bed;
using SoftIov.SystemTests.Rigs;
using Xunit.Abstractions;

namespace SoftIov.SystemTests.VhostUser;

/// <summary>Linux guests whose virtual IOMMU is in front of the device: each frame is in pages that are mapped for it and taken back.</summary>
[Collection(BedCollection.Name)]
public sealed class IommuTests(BedFixture bed, ITestOutputHelper output)
{
    private const string Alpha = "10.0.0.1";
    private const string Beta = "10.0.0.2";

    /// <summary>VIRTIO_F_ACCESS_PLATFORM.</summary>
    private const int AccessPlatform = 33;

    [Fact]
    public async Task V099_a_guest_behind_an_iommu_talks_moves_data_and_boots_again()
    {
        await using Rig rig = await Rig.StartAsync(bed, "adapters: [{name: net0, totalVfs: 4, numVfs: 2}]");
        await rig.RunAsync(async () =>
        {
            string[] arguments = await VhostRig.ArgumentsAsync(rig.Daemon, rig.Bed, "net0/1");
            arguments = [.. arguments.Select(one => one.Replace(
                "\"driver\":\"virtio-net-pci\"", "\"driver\":\"virtio-net-pci\",\"iommu_platform\":true,\"ats\":true", StringComparison.Ordinal))];
            VirtualMachine[] machines = await Task.WhenAll(
                rig.BootAsync(new VirtualMachineOptions { Name = "alpha" }, "net0/0"),
                rig.BootAsync(new VirtualMachineOptions { Name = "beta", Iommu = true, SparePorts = 0, QemuArguments = arguments }));
            GuestNic alpha = await rig.FindNicAsync(machines[0], "net0/0");
            GuestNic beta = await rig.FindNicAsync(machines[1], "net0/1");
            await alpha.UpAsync($"{Alpha}/24");
            await beta.UpAsync($"{Beta}/24");
            Assert.Equal("1", (await beta.CheckAsync($"cut -c {AccessPlatform + 1} /sys/class/net/{{0}}/device/features")).Trim());
            output.WriteLine($"{await beta.PingAsync(Alpha, count: 10)} % lost");
            (string sent, string arrived) = await alpha.CopyAsync(Alpha, beta, 1024);
            Assert.Equal(sent, arrived);
            (sent, arrived) = await beta.CopyAsync(Beta, alpha, 1024);
            Assert.Equal(sent, arrived);
            output.WriteLine($"{await beta.MeasureTcpAsync(alpha, Alpha):F0} Mbit/s from behind the IOMMU");

            await machines[1].RebootAsync();
            beta = await rig.FindNicAsync(machines[1], "net0/1");
            await beta.UpAsync($"{Beta}/24");
            Assert.True(await beta.ReachesAsync(Alpha));
            Assert.Equal("", await machines[1].CheckAsync("dmesg | grep -E 'DMAR.*fault|DMA (Read|Write)' || true"));
        });
    }
}
