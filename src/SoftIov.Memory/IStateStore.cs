namespace SoftIov.Memory;

/// <summary>Where functions keep their state pages: memory files in the daemon, own pages in tests.</summary>
public interface IStateStore
{
    /// <summary>A zeroed page for a <typeparamref name="T"/>; <paramref name="name"/> shows in /proc, for example net0/3.</summary>
    StatePage<T> Create<T>(string name)
        where T : unmanaged;

    /// <summary>
    /// What <paramref name="name"/> belongs to is gone for good, its page disposed: nothing of it needs to outlive the process. A name that
    /// is not there is no error.
    /// </summary>
    void Remove(string name)
    {
    }
}
