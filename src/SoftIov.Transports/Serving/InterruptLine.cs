using SoftIov.Linux;

namespace SoftIov.Transports;

/// <summary>
/// One eventfd of a client's. It is made non-blocking, but its owner can undo that and fill its counter up: then the thread that signals it
/// hangs in write(2) and would hold up everybody it serves. So signals are counted as they enter and leave, for <see
/// cref="InterruptWatch"/>.
/// </summary>
internal sealed class InterruptLine : IDisposable
{
    private readonly EventFd _event;
    private int _entered;
    private int _left;
    private int _leftBefore;
    private bool _wasBusy;

    public InterruptLine(FileDescriptor descriptor)
    {
        descriptor.SetNonBlocking();
        _event = new EventFd(descriptor);
    }

    /// <summary>To poll.</summary>
    public FileDescriptor Descriptor => _event.Descriptor;

    /// <summary>Signals; false when another thread has disposed of the line. Any thread.</summary>
    public bool Signal()
    {
        Interlocked.Increment(ref _entered);
        bool isSignalled = _event.TrySignal();
        Interlocked.Increment(ref _left);
        return isSignalled;
    }

    /// <summary>Whether some thread is in <see cref="Signal"/>. After <see cref="Dispose"/> none comes in that matters.</summary>
    public bool IsBusy => Volatile.Read(ref _entered) != Volatile.Read(ref _left);

    /// <summary>
    /// Whether a signal was on its way the last time this was asked, none has arrived since, and the counter is full: a thread that merely
    /// lost its CPU for that long, on a busy host, is no fault of the client's. One thread.
    /// </summary>
    public bool IsStuck()
    {
        int left = Volatile.Read(ref _left);
        bool isBusy = Volatile.Read(ref _entered) != left;
        bool isLate = isBusy && _wasBusy && left == _leftBefore;
        _wasBusy = isBusy;
        _leftBefore = left;
        return isLate && _event.IsFull();
    }

    /// <summary>Lets a stuck signal go on.</summary>
    public void Release() => _event.Drain();

    /// <inheritdoc/>
    public void Dispose() => _event.Dispose();
}
