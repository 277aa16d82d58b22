namespace SoftIov.Devices.Virtio.Net;

/// <summary>
/// Holds the interrupts of one queue back until so many packets are done or so much time has passed since the first of them
/// (virtio 1.4, 5.1.6.5.6). Without a time limit nothing is held back: an interrupt may be late, never lost. One thread at a time, but for
/// <see cref="Configure"/>.
/// </summary>
internal sealed class NotificationCoalescer(TimeProvider time)
{
    private long _delayTicks;
    private uint _maxPackets;
    private uint _pending;

    /// <summary>True while an interrupt is held back.</summary>
    public bool IsPending => Volatile.Read(ref _pending) != 0;

    /// <summary>When the interrupt that is held back is due.</summary>
    public long DeadlineTicks { get; private set; }

    /// <summary>New parameters. What is held back keeps its deadline.</summary>
    public void Configure(CoalescingState parameters)
    {
        Volatile.Write(ref _maxPackets, parameters.MaxPackets);
        Volatile.Write(ref _delayTicks, (long)(parameters.MaxMicroseconds * (double)time.TimestampFrequency / 1_000_000));
    }

    /// <summary>Counts packets; true when the interrupt is due now.</summary>
    public bool Add(int packets)
    {
        long delay = Volatile.Read(ref _delayTicks);
        if (delay == 0)
        {
            _pending = 0;
            return true;
        }

        long now = time.GetTimestamp();
        if (_pending == 0)
            DeadlineTicks = now + delay;
        uint pending = _pending + (uint)packets;
        uint most = Volatile.Read(ref _maxPackets);
        bool isDue = now >= DeadlineTicks || (most != 0 && pending >= most);
        Volatile.Write(ref _pending, isDue ? 0 : pending);
        return isDue;
    }

    /// <summary>True, once, when the time of an interrupt that was held back has come.</summary>
    public bool TryExpire(long nowTicks)
    {
        if (_pending == 0 || nowTicks < DeadlineTicks)
            return false;

        Volatile.Write(ref _pending, 0);
        return true;
    }

    /// <summary>Forgets what is held back.</summary>
    public void Clear() => Volatile.Write(ref _pending, 0);
}
