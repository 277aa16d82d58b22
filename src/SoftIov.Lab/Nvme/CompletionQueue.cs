using System.Diagnostics;
using System.Runtime.InteropServices;
using SoftIov.Lab.Pci;
using SoftIov.Linux;

namespace SoftIov.Lab.Nvme;

/// <summary>
/// Driver side of a completion queue (NVMe base 2.0, 3.3.3.2), of one or more submission queues. It and they belong to one thread.
/// </summary>
public sealed class CompletionQueue
{
    /// <summary>Submission queues by id, as far as they complete here.</summary>
    private SubmissionQueue?[] _queues = [];

    private readonly DriverMemory _memory;
    private readonly IDoorbells _doorbells;
    private int _head;
    private bool _phase;

    /// <summary>Memory for <paramref name="size"/> entries; the controller does not know of it yet.</summary>
    public CompletionQueue(DriverMemory memory, IDoorbells doorbells, int id, int size, int page)
    {
        ArgumentNullException.ThrowIfNull(memory);
        _memory = memory;
        _doorbells = doorbells;
        Id = id;
        Size = size;
        Address = memory.Allocate((long)size * CompletionEntry.Size, page);
        Reset();
    }

    /// <summary>Queue identifier.</summary>
    public int Id { get; }

    /// <summary>Entries; one less can be used.</summary>
    public int Size { get; }

    /// <summary>Where it is; starts a page.</summary>
    public ulong Address { get; }

    /// <summary>Interrupt vector.</summary>
    public int Vector { get; init; }

    /// <summary>Signalled by the controller when it posts; null when the queue is polled.</summary>
    public EventFd? Interrupt { get; internal set; }

    /// <summary>Makes a device go on that has no thread of its own; called again and again while somebody waits.</summary>
    public Action? WhileWaiting { get; init; }

    /// <summary>Index of the next entry.</summary>
    public int Head => _head;

    /// <summary>Completions for submission queues or commands that there are not: a controller has none.</summary>
    public long Strays { get; private set; }

    /// <summary>The last of the strays.</summary>
    public CompletionEntry LastStray { get; private set; }

    /// <summary>Whether there is an entry to take. Pairs with the controller's store of the phase tag, which it does last.</summary>
    public bool HasNew => ((Volatile.Read(ref Words(_head)[1]) >> 48) & 1) != 0 == _phase;

    /// <summary>Takes the next entry. The controller learns by <see cref="Release"/> that its place is free.</summary>
    public bool TryTake(out CompletionEntry entry)
    {
        if (!HasNew)
        {
            entry = default;
            return false;
        }

        entry = MemoryMarshal.Read<CompletionEntry>(Bytes(_head));
        if (++_head == Size)
        {
            _head = 0;
            _phase = !_phase;
        }

        return true;
    }

    /// <summary>Rings the head doorbell.</summary>
    public void Release() => _doorbells.Ring((2 * Id) + 1, (uint)_head);

    /// <summary>Takes what is there, at most <paramref name="atMost"/> entries, hands it on and releases; returns how many.</summary>
    public int Poll(int atMost = int.MaxValue)
    {
        int count = 0;
        while (count < atMost && TryTake(out CompletionEntry entry))
        {
            Deliver(entry);
            count++;
        }

        if (count > 0)
            Release();
        return count;
    }

    /// <summary>
    /// Waits until there is an entry; false when the time is over. Sleeps when there is an interrupt: one that does not come is noticed.
    /// </summary>
    public bool Wait(TimeSpan atMost)
    {
        long start = Stopwatch.GetTimestamp();
        while (!HasNew)
        {
            TimeSpan left = atMost - Stopwatch.GetElapsedTime(start);
            if (left <= TimeSpan.Zero)
                return false;
            if (WhileWaiting is { } advance)
                advance();
            else if (Interrupt is { } signal && !signal.Wait(left))
                return false;
            else if (Interrupt is null)
                Thread.Yield();
        }

        return true;
    }

    /// <summary>Empties the queue: before it is given to the controller, and again after a reset.</summary>
    public void Reset()
    {
        _memory.Span(Address, Size * CompletionEntry.Size).Clear();
        Interrupt?.Drain();
        _head = 0;
        _phase = true;
    }

    /// <summary>The bytes of an entry, to look at or to spoil.</summary>
    public Span<byte> Bytes(int index) => _memory.Span(Address + (ulong)(index * CompletionEntry.Size), CompletionEntry.Size);

    /// <summary>Completions of <paramref name="queue"/> are delivered to it.</summary>
    internal void Attach(SubmissionQueue queue)
    {
        if (queue.Id >= _queues.Length)
            Array.Resize(ref _queues, queue.Id + 1);
        _queues[queue.Id] = queue;
    }

    private Span<ulong> Words(int index) => MemoryMarshal.Cast<byte, ulong>(Bytes(index));

    private void Deliver(in CompletionEntry entry)
    {
        int id = entry.SubmissionQueueId;
        if (id < _queues.Length && _queues[id] is { } queue && queue.TryComplete(entry))
            return;

        Strays++;
        LastStray = entry;
    }
}
