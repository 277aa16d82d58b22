using SoftIov.Datapath;
using SoftIov.Linux;
using SoftIov.Memory;
using SoftIov.Tests.Linux;
using SoftIov.Transports.Backings;
using Xunit;

namespace SoftIov.Tests.Transports;

/// <summary>What becomes of a store whose file is taken away, cut, locked or short of space by others: docs/spec/blocks.md.</summary>
public sealed class StoreLossTests : IDisposable
{
    private const int Length = 1 << 20;
    private const int Some = 64 << 10;

    private static readonly BlockRequest Flush = new(0, BlockOperation.Flush, 0, 0);

    private readonly StoreSetup _setup = new();

    private string Disk => _setup.File("disk.img");

    public void Dispose() => _setup.Dispose();

    [Fact]
    public void A_file_that_was_removed_serves_on_and_is_gone_with_its_store()
    {
        using (FileStore store = _setup.OpenFile(Disk, Length))
        {
            using IBlockLane lane = _setup.OpenLane(store);
            StoreSetup.Write(lane, 0, StoreSetup.Pattern(Some));
            File.Delete(Disk);
            Assert.Equal(StoreSetup.Pattern(Some), StoreSetup.Read(lane, 0, Some));
            StoreSetup.Write(lane, Some, StoreSetup.Pattern(Some, 2), isDurable: true);
            using IBlockLane next = _setup.OpenLane(store);
            Assert.Equal(StoreSetup.Pattern(Some, 2), StoreSetup.Read(next, Some, Some));
            Assert.Equal(BlockOutcome.Done, StoreSetup.Run(next, in Flush));
            store.Deallocate(0, Some);
            store.Flush();
            Assert.Equal(new byte[Some], StoreSetup.Read(lane, 0, Some));
            Assert.False(File.Exists(Disk));
        }

        Assert.Equal(Errno.ENOENT, _setup.Refusal(new BackingOptions(BackingKind.File, Disk)).Errno);
        using FileStore made = _setup.OpenFile(Disk, Length);
        Assert.All(File.ReadAllBytes(Disk), value => Assert.Equal(0, value));
    }

    [Fact]
    public void A_file_that_was_cut_short_takes_writes_and_is_long_again_when_opened()
    {
        using (FileStore store = _setup.OpenFile(Disk, Length))
        {
            using IBlockLane lane = _setup.OpenLane(store);
            StoreSetup.Write(lane, 0, StoreSetup.Pattern(Some));
            using (FileStream other = new(Disk, FileMode.Open, FileAccess.ReadWrite, FileShare.ReadWrite))
            {
                other.SetLength(0);
            }

            Assert.Equal(BlockOutcome.MediumError, StoreSetup.Run(lane, new BlockRequest(0, BlockOperation.Read, 0, 4096)));
            StoreSetup.Write(lane, 2 * Some, StoreSetup.Pattern(Some));
            Assert.Equal(StoreSetup.Pattern(Some), StoreSetup.Read(lane, 2 * Some, Some));
            Assert.Equal(new byte[Some], StoreSetup.Read(lane, 0, Some));
            Assert.Equal(BlockOutcome.MediumError, StoreSetup.Run(lane, new BlockRequest(0, BlockOperation.Read, 3 * Some, 4096)));
            Assert.Equal(BlockOutcome.Done, StoreSetup.Run(lane, in Flush));
            Assert.Equal(Length, store.Length);
            Assert.Equal(3 * Some, new FileInfo(Disk).Length);
        }

        using FileStore again = _setup.OpenAgain(Disk, Length);
        Assert.Equal(Length, new FileInfo(Disk).Length);
        using IBlockLane late = _setup.OpenLane(again);
        Assert.Equal(new byte[Some], StoreSetup.Read(late, 3 * Some, Some));
        Assert.Equal(StoreSetup.Pattern(Some), StoreSetup.Read(late, 2 * Some, Some));
    }

    [MountFact]
    public void A_device_without_room_fails_what_it_cannot_keep_and_nothing_else()
    {
        using var folder = new MountedFolder("tmpfs", "size=1m");
        using (FileStream file = File.Create(folder.File("thin")))
        {
            file.SetLength(8 << 20);
        }

        using var device = new LoopDevice(folder.File("thin"), 512);
        using var store = (FileStore)_setup.Stores.Open(new BackingOptions(BackingKind.Block, device.Path));
        using IBlockLane lane = _setup.OpenLane(store);
        lane.Buffer(0).Write(0, StoreSetup.Pattern(Some));
        int kept = 0;
        while (kept < 32 && StoreSetup.Run(lane, PieceAt(kept)) == BlockOutcome.Done)
            kept++;

        // What the device says is its own: a loop device says EIO or ENOSPC.
        Assert.InRange(kept, 1, 16);
        BlockOutcome full = StoreSetup.Run(lane, PieceAt(kept));
        Assert.Contains(full, (BlockOutcome[])[BlockOutcome.MediumError, BlockOutcome.NoSpace]);
        StoreSetup.Write(lane, 0, StoreSetup.Pattern(Some, 2));
        Assert.Equal(StoreSetup.Pattern(Some, 2), StoreSetup.Read(lane, 0, Some));
        for (int piece = 1; piece < kept; piece++)
            Assert.Equal(StoreSetup.Pattern(Some), StoreSetup.Read(lane, piece * Some, Some));

        static BlockRequest PieceAt(int index) => new(0, BlockOperation.Write, index * Some, Some);
    }

    [Fact]
    public void A_lock_on_any_byte_keeps_a_store_away_and_a_store_keeps_locks_away()
    {
        // QEMU locks bytes from 100 on of images it has open.
        File.WriteAllBytes(Disk, new byte[Length]);
        using var other = new FileStream(Disk, FileMode.Open, FileAccess.ReadWrite, FileShare.ReadWrite);
        other.Lock(100, 1);
        Assert.Equal(Errno.EBUSY, _setup.Refusal(new BackingOptions(BackingKind.File, Disk)).Errno);
        other.Unlock(100, 1);
        using (_setup.OpenFile(Disk))
            Assert.ThrowsAny<IOException>(() => other.Lock(203, 1));
        other.Lock(203, 1);
    }

    [Fact]
    public void Memory_is_given_back_and_zeroed()
    {
        using IBlockStore store = _setup.Stores.Open(new BackingOptions(BackingKind.Memory, LengthBytes: Length));
        IHostMemory bytes = Assert.IsAssignableFrom<IHostMemory>(store.Memory);
        StoreSetup.Pattern(Length).CopyTo(bytes.Slice(0, Length));
        store.Deallocate(4096, Some);
        byte[] read = bytes.Slice(0, Length).ToArray();
        Assert.Equal(new byte[Some], read[4096..(4096 + Some)]);
        Assert.Equal(StoreSetup.Pattern(Length)[..4096], read[..4096]);
        Assert.Equal(StoreSetup.Pattern(Length)[(4096 + Some)..], read[(4096 + Some)..]);
    }
}
