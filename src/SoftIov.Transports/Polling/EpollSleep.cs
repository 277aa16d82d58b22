using SoftIov.Datapath;
using SoftIov.Linux;

namespace SoftIov.Transports;

/// <summary>
/// A poller's sleep in epoll: ended by <see cref="Wake"/>, by a watched descriptor or by time. All is edge-triggered: a wake is one write to
/// an eventfd that nobody reads back, and a descriptor costs nothing, and no system call to arm it, until something happens to it.
/// </summary>
public sealed class EpollSleep : IPollerSleep
{
    private const ulong WakeData = ulong.MaxValue;
    private const EpollEvents Watched = EpollEvents.In | EpollEvents.EdgeTriggered;

    private readonly Lock _gate = new();
    private readonly Epoll _epoll = new();
    private readonly EventFd _wake = new();
    private readonly EpollEvent[] _events = new EpollEvent[Epoll.MaximumBatch];
    private Registration?[] _registrations = new Registration?[4];

    /// <summary>The thread that sleeps here, while it looks at what ended its sleep. No other thread's number equals it.</summary>
    private volatile int _noticing;

    /// <summary>A sleep that watches nothing yet.</summary>
    public EpollSleep()
    {
        _epoll.Add(_wake.Descriptor, Watched, WakeData);
    }

    /// <summary>
    /// Has <paramref name="onReadable"/> run on the sleeping thread whenever the descriptor became readable (or failed) since it was last
    /// found empty: whoever reads must read until nothing is left. It shall do little, as waking a pollable. Any thread.
    /// </summary>
    /// <returns>Ends the watch when disposed of. The action may be under way on the poller's thread at that moment.</returns>
    /// <exception cref="LinuxException">The descriptor cannot be polled, or is watched already.</exception>
    public IDisposable Watch(FileDescriptor descriptor, Action onReadable)
    {
        lock (_gate)
        {
            int free = Array.IndexOf(_registrations, null);
            if (free < 0)
            {
                free = _registrations.Length;
                Registration?[] larger = new Registration?[2 * free];
                _registrations.CopyTo(larger, 0);
                Volatile.Write(ref _registrations, larger);
            }

            var registration = new Registration(this, free, descriptor, onReadable);
            Volatile.Write(ref _registrations[free], registration);
            try
            {
                _epoll.Add(descriptor, Watched, (ulong)free);
            }
            catch
            {
                _registrations[free] = null;
                throw;
            }

            return registration;
        }
    }

    /// <inheritdoc/>
    public void Sleep(TimeSpan atMost)
    {
        int count = _epoll.Wait(_events, atMost);
        _noticing = Environment.CurrentManagedThreadId;
        for (int i = 0; i < count; i++)
        {
            ulong slot = _events[i].Data;
            if (slot != WakeData)
            {
                // A slot that changed hands meanwhile wakes its new owner for nothing, which is harmless.
                Volatile.Read(ref Volatile.Read(ref _registrations)[slot])?.OnReadable();
            }
        }

        _noticing = 0;
    }

    /// <inheritdoc/>
    public void Wake()
    {
        // What wakes it may be what it has just noticed itself: then the sleep is over anyway.
        if (_noticing != Environment.CurrentManagedThreadId)
            _wake.Signal();
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _epoll.Dispose();
        _wake.Dispose();
    }

    private void Remove(Registration registration)
    {
        lock (_gate)
        {
            if (_registrations[registration.Slot] == registration)
            {
                Volatile.Write(ref _registrations[registration.Slot], null);
                _epoll.TryRemove(registration.Descriptor);
            }
        }
    }

    private sealed class Registration(EpollSleep sleep, int slot, FileDescriptor descriptor, Action onReadable) : IDisposable
    {
        public int Slot => slot;

        public FileDescriptor Descriptor => descriptor;

        public void OnReadable() => onReadable();

        public void Dispose() => sleep.Remove(this);
    }
}
