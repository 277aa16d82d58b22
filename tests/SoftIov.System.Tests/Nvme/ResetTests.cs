using SoftIov.Lab.TestBed;
using SoftIov.SystemTests.Bed;
using SoftIov.SystemTests.Rigs;

namespace SoftIov.SystemTests.Nvme;

/// <summary>What guests do to their disks while they use them, and what that does to their neighbours.</summary>
[Collection(BedCollection.Name)]
public sealed class ResetTests(BedFixture bed) : IAsyncLifetime
{
    private const string Write = "dd if=/tmp/data of=/dev/nvme0n1 bs=128k conv=fsync 2>/dev/null";
    private const string Same = "test \"$(dd if=/dev/nvme0n1 bs=128k count=64 iflag=direct 2>/dev/null | sha256sum)\" = \"$(sha256sum </tmp/data)\"";

    private readonly string _folder = Directory.CreateTempSubdirectory("softiov-disk-").FullName;
    private Rig _rig = null!;

    public async Task InitializeAsync() => _rig = await Rig.StartAsync(
        bed,
        $$$"""
        adapters:
          - {name: disk0, personality: nvme, totalVfs: 4, numVfs: 4, backing: 'file:{{{_folder}}}/disk0.img:128MiB',
             vfs: {2: {interrupts: msi}, 3: {interrupts: intx} } }
          - {name: disk1, personality: nvme, totalVfs: 2, numVfs: 2, backing: 'file:{{{_folder}}}/disk1.img:64MiB', doorbells: shared}
        """);

    public async Task DisposeAsync()
    {
        await _rig.DisposeAsync();
        Directory.Delete(_folder, recursive: true);
    }

    /// <summary>With shadow doorbells Linux before 6.8 may lose commands of its own when it resets under load: docs/guide/nvme.md.</summary>
    [Theory]
    [InlineData("disk0", GuestKernel.Newer, GuestKernel.Stable)]
    [InlineData("disk1", GuestKernel.Stable, GuestKernel.Newer)]
    public Task Resets_under_load_lose_nothing_and_neighbours_do_not_notice(string adapter, GuestKernel kernel, GuestKernel other)
        => _rig.RunAsync(async () =>
    {
        VirtualMachine[] guests = await Task.WhenAll(
            _rig.BootAsync(new VirtualMachineOptions { Name = "alpha", Kernel = kernel }, $"{adapter}/0"),
            _rig.BootAsync(new VirtualMachineOptions { Name = "beta", Kernel = other }, $"{adapter}/1"));
        foreach (VirtualMachine guest in guests)
            await guest.CheckAsync("dd if=/dev/urandom of=/tmp/data bs=128k count=64 2>/dev/null");
        Task<string> neighbour = guests[1].CheckAsync($"for i in $(seq 8); do {Write} && {Same} || exit 1; done");
        await guests[0].CheckAsync($"""
            (for i in $(seq 8); do {Write} || exit 1; done; echo done >/tmp/written) &
            sleep 0.3; echo 1 >/sys/class/nvme/nvme0/reset_controller
            sleep 0.5; echo 1 >/sys/class/nvme/nvme0/device/reset; echo 1 >/sys/class/nvme/nvme0/reset_controller
            wait; grep done /tmp/written && cat /sys/class/nvme/nvme0/state | grep live && {Same}
            """, TimeSpan.FromMinutes(2));
        await neighbour;
        await guests[1].CheckAsync(Same);
        Assert.Equal("nvme0n1\n", await guests[0].CheckAsync("ls /sys/block | grep nvme"));

        string hash = await guests[0].CheckAsync("sha256sum </tmp/data");
        await guests[0].RebootAsync();
        Assert.Equal(hash, await guests[0].CheckAsync("dd if=/dev/nvme0n1 bs=128k count=64 2>/dev/null | sha256sum"));
    });

    /// <summary>Both controllers are of one subsystem, whose number a disk's name has.</summary>
    private const string OtherDisk = "ls /sys/block | grep nvme | grep -vx nvme0n1 || true";

    [Fact]
    public Task A_disk_with_msi_is_unplugged_and_one_with_a_pin_works() => _rig.RunAsync(async () =>
    {
        VirtualMachine guest = await _rig.BootAsync(new VirtualMachineOptions { Name = "alpha" }, "disk0/3");
        await guest.CheckAsync($"dd if=/dev/urandom of=/tmp/data bs=128k count=64 2>/dev/null; {Write} && {Same}");
        await guest.CheckAsync("dd if=/dev/nvme0n1 of=/dev/null bs=4k count=2000 iflag=direct 2>/dev/null");
        Assert.Equal("", await guest.CheckAsync("dmesg | grep 'nobody cared' || true"));
        for (int round = 0; round < 2; round++)
        {
            await _rig.Daemon.CheckAsync("attach", "disk0/2", "--qmp", guest.QmpSocket);
            string name = await Eventually.GetAsync(() => guest.CheckAsync(OtherDisk), found => found.Length > 0, "a second disk");
            await guest.CheckAsync("grep -i 'msi.*nvme1' /proc/interrupts");
            string disk = $"/dev/{name.Trim()}";
            await guest.CheckAsync($"test -b {disk} && dd if=/tmp/data of={disk} bs=128k conv=fsync 2>/dev/null");
            await _rig.Daemon.CheckAsync("detach", "disk0/2", "--qmp", guest.QmpSocket);
            Assert.Equal("", await guest.CheckAsync(OtherDisk));
        }

        await guest.CheckAsync(Same);
    });
}
