using SoftIov.Datapath;
using SoftIov.Linux;
using SoftIov.Memory;

namespace SoftIov.Transports.Backings;

/// <summary>A store in memory: a memory file, whose pages cost something once they were written. It ends with the process.</summary>
internal sealed class MemoryStore : IBlockStore
{
    private readonly FileDescriptor _file;
    private readonly MappedFile _bytes;

    public MemoryStore(long length)
    {
        _file = MemoryFile.Create("block store", length);
        try
        {
            _bytes = MappedFile.Map(_file, 0, length, writable: true);
        }
        catch
        {
            _file.Dispose();
            throw;
        }

        _bytes.ExcludeFromCoreDump();
    }

    /// <inheritdoc/>
    public string Name => "memory";

    /// <inheritdoc/>
    public long Length => _bytes.Length;

    /// <inheritdoc/>
    public int BlockBytes => 512;

    /// <inheritdoc/>
    public IHostMemory Memory => _bytes;

    /// <inheritdoc/>
    public bool IsNull => false;

    /// <inheritdoc/>
    public bool IsPersistent => false;

    /// <inheritdoc/>
    public IBlockLane OpenLane(int slotCount, int slotBytes, PollHandle handle) =>
        throw new NotSupportedException("The bytes are at hand: no lane is needed.");

    /// <inheritdoc/>
    public void Deallocate(long offset, long length)
    {
        if (length > 0 && FileSpace.TryAllocate(_file, AllocationMode.PunchHole, offset, length) is var error and not Errno.None)
        {
            throw new LinuxException("fallocate", error, Name);
        }
    }

    /// <inheritdoc/>
    public void Flush()
    {
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _bytes.Dispose();
        _file.Dispose();
    }
}
