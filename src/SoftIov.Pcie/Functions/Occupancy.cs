namespace SoftIov.Pcie;

/// <summary>
/// Lets any thread step into something that its owner may close under it: once closed nobody enters, and the owner can wait for those that
/// are inside. Entering takes no lock.
/// </summary>
internal sealed class Occupancy
{
    private const int Closed = int.MinValue;

    private int _state;

    /// <summary>True once closed.</summary>
    public bool IsClosed => Volatile.Read(ref _state) < 0;

    /// <summary>True once closed and left by all.</summary>
    public bool IsOver => Volatile.Read(ref _state) == Closed;

    /// <summary>Steps in; false when closed. Each success is paired with one <see cref="Leave"/>.</summary>
    public bool TryEnter()
    {
        if (Interlocked.Increment(ref _state) > 0)
            return true;
        Interlocked.Decrement(ref _state);
        return false;
    }

    /// <summary>Steps out.</summary>
    public void Leave() => Interlocked.Decrement(ref _state);

    /// <summary>Closes; true for the first caller. Does not wait.</summary>
    public bool TryClose() => (Interlocked.Or(ref _state, Closed) & Closed) == 0;

    /// <summary>After <see cref="TryClose"/>: returns when nobody is inside. Never called from inside.</summary>
    public void WaitUntilEmpty()
    {
        SpinWait spin = default;
        while ((Volatile.Read(ref _state) & ~Closed) != 0)
            spin.SpinOnce();
    }
}
