using SoftIov.Datapath;
using SoftIov.Devices.Nvme.Spec;
using SoftIov.Memory;

namespace SoftIov.Devices.Nvme;

/// <summary>
/// A completion queue from the controller's side (NVMe 2.0, 3.3.1). Whoever starts a command reserves its entry first, so that there is
/// always room to complete it; a host that does not read gets no new commands started. Poller only.
/// </summary>
internal sealed class CompletionQueue
{
    private const int PhaseOffset = CompletionEntry.Length - sizeof(uint);

    private readonly StatePage<ControllerState> _page;
    private readonly DmaWindow _window;
    private readonly int _size;
    private int _reserved;
    private int _news;
    private long _newsSinceTicks;

    /// <summary>The queue that the state describes.</summary>
    public CompletionQueue(int id, StatePage<ControllerState> page, DmaDomain dma)
    {
        Id = id;
        _page = page;
        _size = State.Size;
        _window = new DmaWindow(dma, State.Base, _size * CompletionEntry.Length, DmaAccess.Write);
    }

    /// <summary>Queue identifier.</summary>
    public int Id { get; }

    /// <summary>Vector it interrupts by.</summary>
    public int Vector => State.Vector;

    /// <summary>Submission queues that complete here.</summary>
    public int Users { get; set; }

    /// <summary>Entries were written since the last <see cref="TakeNews"/>.</summary>
    public bool HasNews => _news > 0;

    /// <summary>The host has not read everything, or not said so.</summary>
    public bool HasUnread => State.Head != State.Tail;

    /// <summary>Completions interrupt.</summary>
    public bool Interrupts => State.InterruptsEnabled != 0;

    /// <summary>Head doorbell as last seen.</summary>
    public uint SeenHead { get; private set; }

    private ref CompletionQueueState State => ref _page.Value.Completions[Id];

    /// <summary>Opens the queue for a burst; false while its memory is not mapped.</summary>
    public bool TryOpen() => _window.TryOpen();

    /// <summary>The memory cannot be reached: recorded.</summary>
    public void RecordFault() => _window.RecordFault();

    /// <summary>Takes the head doorbell up; false when the value is none.</summary>
    public bool TryMoveHead(uint head)
    {
        if (head == SeenHead)
            return true;
        SeenHead = head;
        ref CompletionQueueState state = ref State;
        int unread = Distance(state.Head, state.Tail);
        if (head >= (uint)_size || Distance(state.Head, (int)head) > unread)
            return false;
        state.Head = (int)head;
        return true;
    }

    /// <summary>Reserves the entry of a command that is about to be started.</summary>
    public bool TryReserve()
    {
        ref CompletionQueueState state = ref State;
        if (Distance(state.Head, state.Tail) + _reserved >= _size - 1)
            return false;
        _reserved++;
        return true;
    }

    /// <summary>Gives a reservation back: its command will complete later by a reservation of its own, or never.</summary>
    public void Release() => _reserved--;

    /// <summary>Writes a completion whose entry was reserved; the queue was opened.</summary>
    public void Post(CompletionEntry entry, NvmeStatus status)
    {
        ref CompletionQueueState state = ref State;
        entry.PhaseAndStatus = (ushort)(((int)status << 1) | state.Phase);
        int at = state.Tail * CompletionEntry.Length;
        Segment memory = _window.PieceAt(ref at);
        memory.Write(at, entry.Result | ((ulong)entry.Result1 << 32));
        memory.Write(at + sizeof(ulong), entry.SubmissionHead | ((uint)entry.SubmissionQueueId << 16));

        // Pairs with the host's read of the phase bit: all else of the entry, and the data, come first.
        memory.WriteRelease(at + PhaseOffset, entry.CommandId | ((uint)entry.PhaseAndStatus << 16));
        _reserved--;
        _news++;
        if (++state.Tail < _size)
            return;
        state.Tail = 0;
        state.Phase ^= 1;
    }

    /// <summary>Whether to interrupt for what was written since the last call.</summary>
    public bool TakeNews()
    {
        bool had = HasNews;
        _news = 0;
        _newsSinceTicks = 0;
        return had && Interrupts;
    }

    /// <summary>Whether news are many or old enough to interrupt for; if not, the poller comes back when they are old enough.</summary>
    public bool IsDue(InterruptCoalescing coalescing, PollContext context)
    {
        if (_newsSinceTicks == 0)
            _newsSinceTicks = context.NowTicks;
        long dueTicks = _newsSinceTicks + coalescing.DelayTicks;
        if (_news >= coalescing.Entries || context.NowTicks >= dueTicks)
            return true;
        context.WakeAt(dueTicks);
        return false;
    }

    private int Distance(int from, int to) => to >= from ? to - from : to - from + _size;
}
