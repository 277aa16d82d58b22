namespace SoftIov.Memory;

/// <summary>State pages in memory of this process: gone with it. For tests and benches.</summary>
public sealed class NativeStateStore : IStateStore
{
    /// <inheritdoc/>
    public unsafe StatePage<T> Create<T>(string name)
        where T : unmanaged => new(new NativeHostMemory(sizeof(T)));
}
