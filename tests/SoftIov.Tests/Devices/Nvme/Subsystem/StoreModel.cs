using SoftIov.Datapath;
using SoftIov.Memory;

namespace SoftIov.Tests.Devices.Nvme.Subsystem;

/// <summary>A store of plain bytes that remembers what was done to it, and fails or waits when told to.</summary>
internal sealed class StoreModel(int length = 16 << 20) : IBlockStore
{
    public byte[] Bytes { get; } = new byte[length];

    public bool IsFailing { get; set; }

    /// <summary>Runs at the start of each deallocation.</summary>
    public Action? Deallocating { get; set; }

    public int Flushes { get; private set; }

    public string Name => "model";

    public long Length => Bytes.Length;

    public int BlockBytes { get; init; } = 512;

    public IHostMemory? Memory => null;

    public bool IsNull => false;

    public bool IsPersistent => true;

    public IBlockLane OpenLane(int slotCount, int slotBytes, PollHandle handle) => throw new NotSupportedException();

    public void Deallocate(long offset, long length)
    {
        Deallocating?.Invoke();
        Fail();
        Bytes.AsSpan((int)offset, (int)length).Clear();
    }

    public void Flush()
    {
        Fail();
        Flushes++;
    }

    public void Dispose()
    {
    }

    private void Fail()
    {
        if (IsFailing)
            throw new IOException("the store fails");
    }
}
