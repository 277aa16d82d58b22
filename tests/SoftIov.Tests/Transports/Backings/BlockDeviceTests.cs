using SoftIov.Datapath;
using SoftIov.Linux;
using SoftIov.Tests.Linux;
using SoftIov.Transports.Backings;
using Xunit;

namespace SoftIov.Tests.Transports;

/// <summary>Block devices of the host: loop devices, which count their flushes.</summary>
public sealed class BlockDeviceTests : IDisposable
{
    private readonly StoreSetup _setup = new();

    public void Dispose() => _setup.Dispose();

    [MountFact]
    public void A_device_has_its_size_and_its_blocks()
    {
        foreach (int blockBytes in (int[])[512, 4096])
        {
            using LoopDevice device = NewDevice(blockBytes);
            using FileStore store = Open(device);
            Assert.Equal(16 << 20, store.Length);
            Assert.Equal(blockBytes, store.BlockBytes);
            Assert.True(store.IsDirect);
            Assert.True(store.IsPersistent);
            using IBlockLane lane = _setup.OpenLane(store);
            byte[] bytes = StoreSetup.Pattern(blockBytes);
            StoreSetup.Write(lane, 3 * blockBytes, bytes);
            Assert.Equal(bytes, StoreSetup.Read(lane, 3 * blockBytes, blockBytes));
            Assert.Throws<ArgumentException>(() => lane.TrySubmit(new BlockRequest(0, BlockOperation.Read, blockBytes / 2, blockBytes)));
        }
    }

    [MountFact]
    public void Ranges_of_a_device_are_given_back_and_zeroed()
    {
        using LoopDevice device = NewDevice(512);
        using FileStore store = Open(device);
        using IBlockLane lane = _setup.OpenLane(store);
        StoreSetup.Write(lane, 1 << 20, StoreSetup.Pattern(64 << 10));
        StoreSetup.Write(lane, 2 << 20, StoreSetup.Pattern(64 << 10));
        Assert.Equal(BlockOutcome.Done, StoreSetup.Run(lane, new BlockRequest(0, BlockOperation.Deallocate, 1 << 20, 64 << 10)));
        Assert.Equal(BlockOutcome.Done, StoreSetup.Run(lane, new BlockRequest(0, BlockOperation.WriteZeroes, 2 << 20, 32 << 10)));
        Assert.Equal(new byte[64 << 10], StoreSetup.Read(lane, 1 << 20, 64 << 10));
        Assert.Equal(new byte[32 << 10], StoreSetup.Read(lane, 2 << 20, 32 << 10));
        Assert.Equal(StoreSetup.Pattern(64 << 10)[(32 << 10)..], StoreSetup.Read(lane, (2 << 20) + (32 << 10), 32 << 10));
        store.Deallocate(0, store.Length);
        Assert.Equal(new byte[32 << 10], StoreSetup.Read(lane, (2 << 20) + (32 << 10), 32 << 10));
    }

    [MountFact]
    public void N045_flushes_and_durable_writes_reach_the_medium()
    {
        using LoopDevice device = NewDevice(512);
        using FileStore store = Open(device);
        using IBlockLane lane = _setup.OpenLane(store);
        long before = device.Flushes;
        StoreSetup.Write(lane, 0, new byte[4096]);
        Assert.Equal(before, device.Flushes);
        StoreSetup.Write(lane, 0, new byte[4096], isDurable: true);
        Assert.Equal(before + 1, device.Flushes);
        Assert.Equal(BlockOutcome.Done, StoreSetup.Run(lane, new BlockRequest(0, BlockOperation.Flush, 0, 0)));
        Assert.Equal(before + 2, device.Flushes);
        Assert.Equal(BlockOutcome.Done, StoreSetup.Run(lane, new BlockRequest(0, BlockOperation.WriteZeroes, 0, 4096, IsDurable: true)));
        Assert.Equal(before + 3, device.Flushes);
        store.Flush();
        Assert.Equal(before + 4, device.Flushes);
    }

    [MountFact]
    public void A_device_has_one_user_and_is_not_mounted()
    {
        using LoopDevice device = NewDevice(512);
        var options = new BackingOptions(BackingKind.Block, device.Path);
        using (Open(device))
        {
            LinuxException refused = _setup.Refusal(options);
            Assert.Equal(Errno.EBUSY, refused.Errno);
            Assert.Contains("lsblk", refused.Message, StringComparison.Ordinal);
        }

        HostCommand.Run("mkfs.ext4", "-q", device.Path);
        using var mounted = new MountedFolder("ext4", "rw", device.Path);
        Assert.Contains("it is mounted", _setup.Refusal(options).Message, StringComparison.Ordinal);
    }

    [MountFact]
    public void A_device_is_as_long_as_it_is()
    {
        using LoopDevice device = NewDevice(512);
        var options = new BackingOptions(BackingKind.Block, device.Path, 32 << 20);
        Assert.Contains($"it has {16 << 20} bytes", _setup.Refusal(options).Message, StringComparison.Ordinal);
        options = new BackingOptions(BackingKind.File, device.Path);
        Assert.Contains("use block:PATH", _setup.Refusal(options).Message, StringComparison.Ordinal);
    }

    [MountFact]
    public void A_file_on_blocks_of_4096_bytes_has_such_blocks()
    {
        using LoopDevice device = NewDevice(4096);
        HostCommand.Run("mkfs.ext4", "-q", device.Path);
        using var folder = new MountedFolder("ext4", "rw", device.Path);
        using FileStore store = _setup.OpenFile(folder.File("a"), 1 << 20);
        Assert.True(store.IsDirect);
        Assert.Equal(4096, store.BlockBytes);
        using IBlockLane lane = _setup.OpenLane(store);
        StoreSetup.Write(lane, 4096, StoreSetup.Pattern(4096));
        Assert.Equal(StoreSetup.Pattern(4096), StoreSetup.Read(lane, 4096, 4096));
    }

    private LoopDevice NewDevice(int blockBytes)
    {
        string path = _setup.File($"disk-{blockBytes}");
        using (FileStream file = File.Create(path))
        {
            file.SetLength(16 << 20);
        }

        return new LoopDevice(path, blockBytes);
    }

    private FileStore Open(LoopDevice device) => (FileStore)_setup.Stores.Open(new BackingOptions(BackingKind.Block, device.Path));
}
