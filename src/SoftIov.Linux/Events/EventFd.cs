namespace SoftIov.Linux;

/// <summary>A counter to wake a thread with (eventfd(2)): non-blocking, pollable. Signal and Consume may be called from any thread.</summary>
public sealed unsafe class EventFd : IDisposable
{
    /// <summary>A counter at 0.</summary>
    public EventFd() =>
        Descriptor = new(LinuxException.Check(Libc.EventFd(0, Libc.EFD_CLOEXEC | Libc.EFD_NONBLOCK), "eventfd", "a new event"));

    /// <summary>Takes an eventfd made elsewhere over.</summary>
    public EventFd(FileDescriptor descriptor) => Descriptor = descriptor;

    /// <summary>To poll for input, or to pass on.</summary>
    public FileDescriptor Descriptor { get; }

    /// <summary>True when a descriptor that came from elsewhere is an eventfd, and not a pipe that could block its writer.</summary>
    public static bool IsEventFd(FileDescriptor descriptor) => descriptor.Target == "anon_inode:[eventfd]";

    /// <summary>
    /// Adds one to the eventfd of number <paramref name="descriptor"/>, which the caller keeps open. A full counter counts as signalled.
    /// </summary>
    public static void Signal(int descriptor)
    {
        ulong one = 1;
        _ = Libc.WriteNoErrno(descriptor, &one, sizeof(ulong));
    }

    /// <summary>Adds one. A full counter counts as signalled.</summary>
    public void Signal() => Signal(Descriptor.Number);

    /// <summary>
    /// Adds one to an eventfd that others share, and never waits, whatever they do to it (<see cref="RequireSharedSignals"/>). Also while another
    /// thread disposes of the event; false when it was disposed of before. A full counter counts as signalled.
    /// </summary>
    public bool SignalShared()
    {
        if (!TryHold())
            return false;
        bool isSignalled = SharedEvents.OfProcess.Signal(Descriptor.Number);
        Descriptor.DangerousRelease();
        return isSignalled;
    }

    /// <summary>
    /// Makes sure that <see cref="SignalShared"/> works here; throws <see cref="LinuxException"/> where asynchronous I/O is not allowed.
    /// </summary>
    public static void RequireSharedSignals() => _ = SharedEvents.OfProcess;

    /// <summary>Takes the count and sets it to 0; returns 0 when nobody signalled.</summary>
    public ulong Consume()
    {
        ulong count = 0;
        return Libc.Read(Descriptor.Number, &count, sizeof(ulong)) == sizeof(ulong) ? count : 0;
    }

    /// <summary>
    /// Sets the count to 0, never waiting, whatever others do with the event at the same time: whoever waits to add to a full counter goes
    /// on. Also while another thread disposes of the event; nothing happens when it was disposed of before.
    /// </summary>
    public void Drain()
    {
        if (!TryHold())
            return;
        ulong count;
        Libc.IoVector vector = new() { Base = &count, Length = sizeof(ulong) };
        _ = Libc.PreadvNoErrno(Descriptor.Number, &vector, 1, -1, Libc.RWF_NOWAIT);
        Descriptor.DangerousRelease();
    }

    /// <summary>Waits for a signal, takes it, and returns true; false when the time is over. Negative time: without end.</summary>
    public bool Wait(TimeSpan atMost)
    {
        long deadline = Environment.TickCount64 + (long)atMost.TotalMilliseconds;
        while (true)
        {
            if (Consume() != 0)
                return true;
            long left = deadline - Environment.TickCount64;
            if (atMost >= TimeSpan.Zero && left < 0)
                return false;
            PollDescriptor.WaitReadable(Descriptor, atMost < TimeSpan.Zero ? atMost : TimeSpan.FromMilliseconds(left));
        }
    }

    /// <inheritdoc/>
    public void Dispose() => Descriptor.Dispose();

    private bool TryHold()
    {
        bool isHeld = false;
        try
        {
            Descriptor.DangerousAddRef(ref isHeld);
        }
        catch (ObjectDisposedException)
        {
            // Another thread was faster.
        }

        return isHeld;
    }
}
