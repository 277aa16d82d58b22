using SoftIov.Datapath;
using SoftIov.Linux;
using SoftIov.Tests.Linux;
using SoftIov.Transports.Backings;
using Xunit;

namespace SoftIov.Tests.Transports;

/// <summary>Every operation of a lane, on the disk and in tmpfs, which has no direct access and cannot zero ranges.</summary>
public sealed class FileLaneTests : IDisposable
{
    private const long GiB = 1L << 30;

    private readonly StoreSetup _setup = new();
    private readonly string _memoryPath = $"/dev/shm/softiov-{Guid.NewGuid():N}";

    public void Dispose()
    {
        File.Delete(_memoryPath);
        _setup.Dispose();
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void What_was_written_is_read_again(bool inMemory)
    {
        using FileStore store = Open(inMemory, 1 << 20);
        using IBlockLane lane = _setup.OpenLane(store);
        byte[] bytes = StoreSetup.Pattern(64 << 10);
        StoreSetup.Write(lane, 128 << 10, bytes);
        Assert.Equal(bytes, StoreSetup.Read(lane, 128 << 10, bytes.Length));
        Assert.Equal(new byte[4096], StoreSetup.Read(lane, 0, 4096));
        Assert.Equal(bytes, File.ReadAllBytes(PathOf(inMemory))[(128 << 10)..(192 << 10)]);
        Assert.Equal(0, lane.InFlight);
        Assert.Equal((4, 64 << 10), (lane.SlotCount, lane.SlotBytes));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void One_block_in_the_middle_of_a_buffer(bool inMemory)
    {
        using FileStore store = Open(inMemory, 1 << 20);
        using IBlockLane lane = _setup.OpenLane(store);
        int block = store.BlockBytes;
        byte[] bytes = StoreSetup.Pattern(block);
        lane.Buffer(2).Write(512, bytes);
        var request = new BlockRequest(2, BlockOperation.Write, 7 * block, block, BufferOffset: 512, IsDurable: true);
        Assert.Equal(BlockOutcome.Done, StoreSetup.Run(lane, in request));
        Assert.Equal(bytes, StoreSetup.Read(lane, 7 * block, block));
        Assert.Equal(new byte[block], StoreSetup.Read(lane, 6 * block, block));
        Assert.Equal(new byte[block], StoreSetup.Read(lane, 8 * block, block));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void Many_slots_are_in_flight_and_several_requests_in_one(bool inMemory)
    {
        const int Slots = 64;
        using FileStore store = Open(inMemory, 4 << 20);
        using IBlockLane lane = _setup.OpenLane(store, Slots, 8192);
        for (int half = 0; half < 2; half++)
        {
            for (int slot = 0; slot < Slots; slot++)
            {
                lane.Buffer(slot).Write(4096 * half, StoreSetup.Pattern(4096, slot + Slots * half));
                long offset = 8192 * slot + 4096 * half;
                Assert.True(lane.TrySubmit(new BlockRequest(slot, BlockOperation.Write, offset, 4096, BufferOffset: 4096 * half)));
            }
        }

        // The next finds no room until an answer was taken.
        var late = new BlockRequest(0, BlockOperation.Flush, 0, 0);
        Assert.False(lane.TrySubmit(in late));
        lane.Start();
        Assert.False(lane.TrySubmit(in late));
        List<BlockCompletion> answers = StoreSetup.Take(lane, 2 * Slots);
        Assert.All(answers, answer => Assert.Equal(BlockOutcome.Done, answer.Outcome));
        Assert.All(Enumerable.Range(0, Slots), slot => Assert.Equal(2, answers.Count(answer => answer.Slot == slot)));
        Assert.Equal(BlockOutcome.Done, StoreSetup.Run(lane, in late));
        byte[] content = File.ReadAllBytes(PathOf(inMemory));
        for (int i = 0; i < 2 * Slots; i++)
        {
            Assert.Equal(StoreSetup.Pattern(4096, i / 2 + Slots * (i % 2)), content[(4096 * i)..(4096 * (i + 1))]);
        }
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void Ranges_of_many_gibibytes_are_given_back(bool inMemory)
    {
        using FileStore store = Open(inMemory, 6 * GiB);
        using IBlockLane lane = _setup.OpenLane(store);
        StoreSetup.Write(lane, 0, StoreSetup.Pattern(4096));
        StoreSetup.Write(lane, GiB, StoreSetup.Pattern(64 << 10));
        StoreSetup.Write(lane, 6 * GiB - 4096, StoreSetup.Pattern(4096));
        Assert.InRange(AllocatedKiB(inMemory), 72, 200);
        Assert.Equal(BlockOutcome.Done, StoreSetup.Run(lane, new BlockRequest(0, BlockOperation.Deallocate, 4096, 6 * GiB - 4096, IsDurable: true)));
        Assert.Equal(new byte[64 << 10], StoreSetup.Read(lane, GiB, 64 << 10));
        Assert.Equal(new byte[4096], StoreSetup.Read(lane, 6 * GiB - 4096, 4096));
        Assert.Equal(StoreSetup.Pattern(4096), StoreSetup.Read(lane, 0, 4096));
        Assert.InRange(AllocatedKiB(inMemory), 4, 20);
        store.Deallocate(0, 6 * GiB);
        Assert.InRange(AllocatedKiB(inMemory), 0, 16);
        Assert.Equal(6 * GiB, new FileInfo(PathOf(inMemory)).Length);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void A_range_of_zeroes_has_its_space(bool inMemory)
    {
        const int Length = 5 << 20;
        using FileStore store = Open(inMemory, 16 << 20);
        using IBlockLane lane = _setup.OpenLane(store);
        StoreSetup.Write(lane, 1 << 20, StoreSetup.Pattern(64 << 10));
        Assert.Equal(BlockOutcome.Done, StoreSetup.Run(lane, new BlockRequest(0, BlockOperation.WriteZeroes, 4096, Length, IsDurable: true)));
        Assert.Equal(new byte[64 << 10], StoreSetup.Read(lane, 1 << 20, 64 << 10));
        Assert.InRange(AllocatedKiB(inMemory), Length >> 10, 2 * Length >> 10);
        Assert.All(File.ReadAllBytes(PathOf(inMemory)), value => Assert.Equal(0, value));
        Assert.Equal(!inMemory, store.CanZeroRanges);
        Assert.True(store.CanPunchHoles);
    }

    [MountFact]
    public void Where_nothing_better_is_to_be_had_zeroes_are_written()
    {
        using var folder = new MountedFolder("ramfs", "mode=700");
        using FileStore store = _setup.OpenFile(folder.File("a"), 4 << 20);
        using IBlockLane lane = _setup.OpenLane(store);
        StoreSetup.Write(lane, 3 << 20, StoreSetup.Pattern(64 << 10));
        Assert.Equal(BlockOutcome.Done, StoreSetup.Run(lane, new BlockRequest(0, BlockOperation.Deallocate, 4096, (4 << 20) - 4096)));
        Assert.Equal(new byte[64 << 10], StoreSetup.Read(lane, 3 << 20, 64 << 10));
        Assert.False(store.CanPunchHoles);
        Assert.False(store.CanZeroRanges);
        StoreSetup.Write(lane, 0, StoreSetup.Pattern(4096));
        store.Deallocate(0, 4096);
        Assert.Equal(new byte[4096], StoreSetup.Read(lane, 0, 4096));
    }

    [MountFact]
    public void A_full_file_system_has_no_space_until_some_is_given_back()
    {
        using var folder = new MountedFolder("tmpfs", "size=1m");
        using FileStore store = _setup.OpenFile(folder.File("a"), 8 << 20);
        using IBlockLane lane = _setup.OpenLane(store, slots: 2, bytes: 1 << 20);
        StoreSetup.Write(lane, 0, new byte[512 << 10]);
        var more = new BlockRequest(0, BlockOperation.Write, 1 << 20, 1 << 20);
        Assert.Equal(BlockOutcome.NoSpace, StoreSetup.Run(lane, in more));
        Assert.Equal(BlockOutcome.NoSpace, StoreSetup.Run(lane, new BlockRequest(0, BlockOperation.WriteZeroes, 0, 8 << 20)));
        Assert.Equal(BlockOutcome.Done, StoreSetup.Run(lane, new BlockRequest(0, BlockOperation.Deallocate, 0, 8 << 20)));
        Assert.Equal(BlockOutcome.Done, StoreSetup.Run(lane, new BlockRequest(0, BlockOperation.Write, 0, 512 << 10)));
        Assert.Equal(BlockOutcome.Done, StoreSetup.Run(lane, new BlockRequest(0, BlockOperation.Flush, 0, 0)));
    }

    [Fact]
    public void A_file_that_was_cut_short_is_a_broken_medium()
    {
        using FileStore store = Open(inMemory: false, 1 << 20);
        using IBlockLane lane = _setup.OpenLane(store);
        using (FileStream other = new(PathOf(false), FileMode.Open, FileAccess.ReadWrite, FileShare.ReadWrite))
        {
            other.SetLength(8192);
        }

        Assert.Equal(BlockOutcome.MediumError, StoreSetup.Run(lane, new BlockRequest(0, BlockOperation.Read, 64 << 10, 4096)));
        Assert.Equal(BlockOutcome.MediumError, StoreSetup.Run(lane, new BlockRequest(0, BlockOperation.Read, 4096, 8192)));
        Assert.Equal(BlockOutcome.Done, StoreSetup.Run(lane, new BlockRequest(0, BlockOperation.Read, 4096, 4096)));
    }

    [Fact]
    public void A_request_that_breaks_the_contract_throws()
    {
        using FileStore store = Open(inMemory: false, 1 << 20);
        using IBlockLane lane = _setup.OpenLane(store);
        Refuses(new BlockRequest(4, BlockOperation.Read, 0, 4096));
        Refuses(new BlockRequest(-1, BlockOperation.Read, 0, 4096));
        Refuses(new BlockRequest(0, BlockOperation.Read, -4096, 4096));
        Refuses(new BlockRequest(0, BlockOperation.Read, (1 << 20) - 4096, 8192));
        Refuses(new BlockRequest(0, BlockOperation.Deallocate, 4096, long.MaxValue & -4096));
        Refuses(new BlockRequest(0, BlockOperation.Read, 0, 128 << 10));
        Refuses(new BlockRequest(0, BlockOperation.Write, 0, 4096, BufferOffset: 64 << 10));
        Refuses(new BlockRequest(0, BlockOperation.Read, 0, 0));
        Refuses(new BlockRequest(0, BlockOperation.Flush, 0, 4096));
        Refuses(new BlockRequest(0, BlockOperation.Read, 100, 4096));
        Refuses(new BlockRequest(0, BlockOperation.Read, 0, 4096, BufferOffset: 8));
        Assert.Equal(0, lane.InFlight);

        void Refuses(BlockRequest request) => Assert.ThrowsAny<ArgumentException>(() => lane.TrySubmit(in request));
    }

    [Fact]
    public void Flushing_and_giving_back_by_control_code_can_fail()
    {
        using var pipe = new StorePipe();
        using FileStore store = _setup.Wrap(pipe.OpenReader());
        Assert.Contains("fdatasync", Assert.ThrowsAny<IOException>(store.Flush).Message, StringComparison.Ordinal);
        Assert.Contains("fallocate", Assert.ThrowsAny<IOException>(() => store.Deallocate(0, 4096)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_lane_keeps_a_store_open_and_locked_that_is_disposed_of_before_it()
    {
        FileStore store = _setup.OpenFile(_setup.File("disk.img"), 1 << 20);
        IBlockLane lane = _setup.OpenLane(store);
        store.Dispose();
        Assert.ThrowsAny<IOException>(() => _setup.OpenFile(_setup.File("disk.img"), 1 << 20));
        Assert.ThrowsAny<IOException>(store.Flush);
        Assert.Equal(BlockOutcome.Done, StoreSetup.Run(lane, new BlockRequest(0, BlockOperation.WriteZeroes, 0, 4096)));
        lane.Dispose();
        using FileStore again = _setup.OpenAgain(_setup.File("disk.img"), 1 << 20);
    }

    [Fact]
    public void Once_a_flush_failed_none_succeeds_on_that_lane()
    {
        // A pipe cannot be flushed; when another file takes its place, the lane's flushes still cover writes that were lost.
        using var pipe = new StorePipe();
        using FileDescriptor disk = FileDescriptor.Create(_setup.File("disk"));
        using FileDescriptor first = pipe.OpenReader();
        using FileStore store = _setup.Wrap(disk.Duplicate());
        store.Enter().Dispose(); // the lane leaves
        using var lane = new FileLane(store, first, 1, 4096, sleep: null, handle: null);
        var flush = new BlockRequest(0, BlockOperation.Flush, 0, 0);
        Assert.Equal(BlockOutcome.MediumError, StoreSetup.Run(lane, in flush));
        Assert.Equal(Errno.EINVAL, lane.LastError);
        StorePipe.Replace(first, disk);
        Assert.Equal(BlockOutcome.MediumError, StoreSetup.Run(lane, in flush));
        using IBlockLane next = _setup.OpenLane(store);
        Assert.Equal(BlockOutcome.Done, StoreSetup.Run(next, in flush));
    }

    private string PathOf(bool inMemory) => inMemory ? _memoryPath : _setup.File("disk.img");

    private FileStore Open(bool inMemory, long length) => _setup.OpenFile(PathOf(inMemory), length);

    private long AllocatedKiB(bool inMemory) => long.Parse(HostCommand.Run("du", "-k", PathOf(inMemory)).Split('\t')[0]);
}
