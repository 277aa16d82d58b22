using SoftIov.Memory;

namespace SoftIov.Datapath;

/// <summary>
/// Bytes that namespaces are carved from: memory, a file, a block device. What it can do at once is done through <see cref="Memory"/>;
/// what takes time goes through lanes.
/// </summary>
public interface IBlockStore : IDisposable
{
    /// <summary>What it is, for people: <c>file /var/lib/disk.img</c>.</summary>
    string Name { get; }

    /// <summary>Bytes, a multiple of 4096.</summary>
    long Length { get; }

    /// <summary>
    /// 512 or 4096: offsets and lengths of requests are multiples of it, and a power cut leaves each aligned piece of this size old or new,
    /// never mixed, as far as the medium keeps its word.
    /// </summary>
    int BlockBytes { get; }

    /// <summary>
    /// The bytes themselves, when the store is memory: they are copied from and to directly, and no lane is needed. Null otherwise. Zeroing and
    /// giving back is done by <see cref="Deallocate"/>, which does not wait then.
    /// </summary>
    IHostMemory? Memory { get; }

    /// <summary>
    /// True when nothing is kept: every request is done at once, reads give whatever the buffer held (not a byte is copied), writes go nowhere,
    /// and no lane is needed. For measurements.
    /// </summary>
    bool IsNull { get; }

    /// <summary>True when what was written survives the end of the process and of the machine, once flushed.</summary>
    bool IsPersistent { get; }

    /// <summary>
    /// Opens a way for one user: requests in flight, each with a buffer of its own. <paramref name="handle"/> is woken when an answer arrived
    /// while nobody reaped. Control code; throws an <see cref="IOException"/> when the host has no room for another. Not for stores that are
    /// memory or null. A lane may be disposed of after the store: what it waits for keeps that open, locks and all.
    /// </summary>
    IBlockLane OpenLane(int slotCount, int slotBytes, PollHandle handle);

    /// <summary>Zeroes a range and gives its space back, waiting until it is done: for control code. Throws an <see cref="IOException"/>.</summary>
    void Deallocate(long offset, long length);

    /// <summary>All that was answered is on stable media when this returns: for control code. Throws an <see cref="IOException"/>.</summary>
    void Flush();
}
