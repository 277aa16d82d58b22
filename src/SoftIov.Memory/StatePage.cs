namespace SoftIov.Memory;

/// <summary>
/// Typed view of one struct in memory that does not move (a memory file in the daemon, own pages in tests): all that a reset clears lives
/// in it. The reference stays valid until the page is disposed.
/// </summary>
public sealed unsafe class StatePage<T> : IDisposable
    where T : unmanaged
{
    private readonly IHostMemory _memory;

    /// <summary>Takes <paramref name="memory"/> over; it must hold a <typeparamref name="T"/>.</summary>
    public StatePage(IHostMemory memory)
    {
        ArgumentNullException.ThrowIfNull(memory);
        ArgumentOutOfRangeException.ThrowIfLessThan(memory.Length, sizeof(T));
        _memory = memory;
    }

    /// <summary>The state itself.</summary>
    public ref T Value => ref *(T*)_memory.Address;

    /// <inheritdoc/>
    public void Dispose() => _memory.Dispose();
}
