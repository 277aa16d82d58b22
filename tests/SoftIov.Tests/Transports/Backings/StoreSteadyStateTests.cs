using SoftIov.Datapath;
using SoftIov.Transports.Backings;
using Xunit;

namespace SoftIov.Tests.Transports;

/// <summary>Lanes allocate nothing, on the disk and in the page cache.</summary>
public sealed class StoreSteadyStateTests : IDisposable
{
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
    public void A_lane_allocates_nothing(bool inMemory)
    {
        const int Slots = 8;
        using FileStore store = _setup.OpenFile(inMemory ? _memoryPath : _setup.File("a"), 1 << 20);
        using IBlockLane lane = _setup.OpenLane(store, Slots);
        BlockOperation[] operations =
            [BlockOperation.Write, BlockOperation.Read, BlockOperation.Deallocate, BlockOperation.WriteZeroes, BlockOperation.Flush];
        BlockCompletion[] completions = new BlockCompletion[Slots];
        long allocated = 0;
        for (int round = -5; round < 20; round++)
        {
            long before = GC.GetAllocatedBytesForCurrentThread();
            for (int slot = 0; slot < Slots; slot++)
            {
                BlockOperation operation = operations[slot % operations.Length];
                long length = operation == BlockOperation.Flush ? 0 : 16 << 10;
                lane.TrySubmit(new BlockRequest(slot, operation, length * slot, length, IsDurable: slot > 4));
            }

            lane.Start();
            for (int taken = 0; taken < Slots;)
            {
                taken += lane.Reap(completions);
            }

            allocated += round < 0 ? 0 : GC.GetAllocatedBytesForCurrentThread() - before;
        }

        Assert.Equal(0, allocated);
    }
}
