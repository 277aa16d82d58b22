using SoftIov.Datapath;
using SoftIov.Memory;

namespace SoftIov.Transports.Backings;

/// <summary>A store that keeps nothing, and costs nothing: what is measured on it is all but the medium.</summary>
internal sealed class NullStore(long length) : IBlockStore
{
    /// <inheritdoc/>
    public string Name => "null";

    /// <inheritdoc/>
    public long Length => length;

    /// <inheritdoc/>
    public int BlockBytes => 512;

    /// <inheritdoc/>
    public IHostMemory? Memory => null;

    /// <inheritdoc/>
    public bool IsNull => true;

    /// <inheritdoc/>
    public bool IsPersistent => false;

    /// <inheritdoc/>
    public IBlockLane OpenLane(int slotCount, int slotBytes, PollHandle handle) =>
        throw new NotSupportedException("Every request is done at once: no lane is needed.");

    /// <inheritdoc/>
    public void Deallocate(long offset, long length)
    {
    }

    /// <inheritdoc/>
    public void Flush()
    {
    }

    /// <inheritdoc/>
    public void Dispose()
    {
    }
}
