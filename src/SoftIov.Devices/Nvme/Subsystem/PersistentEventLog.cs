using System.Buffers.Binary;
using SoftIov.Devices.Nvme.Spec;

namespace SoftIov.Devices.Nvme;

/// <summary>
/// What a subsystem remembers of resets, formats and the like (NVMe 1.4, 5.14.1.13): the last events of each controller, so that those of one
/// guest push out nobody else's. Each controller has a clock, which its host may set. Any thread.
/// </summary>
internal sealed class PersistentEventLog(int controllers, TimeProvider time)
{
    /// <summary>Events that are kept of each controller.</summary>
    public const int EventsOfController = 32;

    /// <summary>Bytes of the longest event: the header, and the data of a reset.</summary>
    public const int MaxEventLength = EventHeaderLength + 44;

    private const int EventHeaderLength = 24;

    /// <summary>EHL counts what follows it: all but the first three bytes.</summary>
    private const int NotCountedByHeaderLength = 3;

    /// <summary>Timestamp Origin, as in feature 0Eh: the host set it.</summary>
    private const ulong SetByHost = 1UL << 49;

    private readonly Lock _gate = new();
    private readonly long _startedTicks = time.GetTimestamp();
    private readonly Queue<Event>?[] _events = new Queue<Event>?[controllers];
    private readonly Clock[] _clocks = new Clock[controllers];
    private ulong _count;

    /// <summary>Time since the subsystem was made.</summary>
    public TimeSpan PoweredOn => time.GetElapsedTime(_startedTicks);

    /// <summary>Bytes of the events there can be.</summary>
    public int MaxLength => controllers * EventsOfController * MaxEventLength;

    /// <summary>A controller's time in the format of feature 0Eh.</summary>
    public ulong Timestamp(ushort controller)
    {
        lock (_gate)
            return Read(controller);
    }

    /// <summary>A reset: a controller's clock begins at 0.</summary>
    public void ResetClock(ushort controller)
    {
        long nowTicks = time.GetTimestamp();
        lock (_gate)
            _clocks[controller] = new Clock(0, nowTicks, nowTicks);
    }

    /// <summary>A host set its controller's clock; returns for how long it had not been reset.</summary>
    public TimeSpan SetClock(ushort controller, ulong milliseconds)
    {
        lock (_gate)
        {
            long sinceReset = _clocks[controller].SinceResetTicks is not 0 and var known ? known : _startedTicks;
            _clocks[controller] = new Clock(milliseconds | SetByHost, time.GetTimestamp(), sinceReset);
            return time.GetElapsedTime(sinceReset);
        }
    }

    /// <summary>Something happened to a controller, or by its doing.</summary>
    public void Add(ushort controller, PersistentEventType type, ReadOnlySpan<byte> data)
    {
        var bytes = new byte[EventHeaderLength + data.Length];
        bytes[0] = (byte)type;
        bytes[1] = 1;
        bytes[2] = EventHeaderLength - NotCountedByHeaderLength;
        BinaryPrimitives.WriteUInt16LittleEndian(bytes.AsSpan(4), controller);
        BinaryPrimitives.WriteUInt16LittleEndian(bytes.AsSpan(22), (ushort)data.Length);
        data.CopyTo(bytes.AsSpan(EventHeaderLength));
        lock (_gate)
        {
            BinaryPrimitives.WriteUInt64LittleEndian(bytes.AsSpan(6), Read(controller));
            Queue<Event> events = _events[controller] ??= new Queue<Event>(EventsOfController);
            if (events.Count == EventsOfController)
                events.Dequeue();
            events.Enqueue(new Event(_count++, bytes));
        }
    }

    /// <summary>Room for a header, and all events behind it, newest first.</summary>
    public byte[] Snapshot(int headerLength, out int count)
    {
        var all = new List<Event>();
        lock (_gate)
        {
            foreach (Queue<Event>? events in _events)
                all.AddRange(events ?? []);
        }

        all.Sort(static (one, other) => other.Number.CompareTo(one.Number));
        count = all.Count;
        int length = headerLength;
        foreach (Event each in all)
            length += each.Bytes.Length;
        var snapshot = new byte[length];
        int at = headerLength;
        foreach (Event each in all)
        {
            each.Bytes.CopyTo(snapshot, at);
            at += each.Bytes.Length;
        }

        return snapshot;
    }

    private ulong Read(ushort controller)
    {
        Clock clock = _clocks[controller];
        long since = clock.SinceTicks == 0 ? _startedTicks : clock.SinceTicks;
        return clock.Value + (ulong)time.GetElapsedTime(since).TotalMilliseconds;
    }

    private readonly record struct Event(ulong Number, byte[] Bytes);

    private readonly record struct Clock(ulong Value, long SinceTicks, long SinceResetTicks);
}
