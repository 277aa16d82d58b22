using SoftIov.Devices.Nvme.Spec;
using SoftIov.Memory;

namespace SoftIov.Devices.Nvme;

/// <summary>A submission queue from the controller's side (NVMe 2.0, 3.3.1): entries are copied out once, in order. Poller only.</summary>
internal sealed class SubmissionQueue
{
    private readonly StatePage<ControllerState> _page;
    private readonly DmaWindow _window;
    private readonly int _size;
    private int _tail;

    /// <summary>The queue that the state describes, completing to <paramref name="completions"/>.</summary>
    public SubmissionQueue(int id, StatePage<ControllerState> page, DmaDomain dma, CompletionQueue completions)
    {
        Id = id;
        _page = page;
        Completions = completions;
        _size = State.Size;
        _tail = State.Head;
        SeenTail = (uint)_tail;
        _window = new DmaWindow(dma, State.Base, _size * SubmissionEntry.Length, DmaAccess.Read);
    }

    /// <summary>Queue identifier.</summary>
    public int Id { get; }

    /// <summary>Where its commands complete.</summary>
    public CompletionQueue Completions { get; }

    /// <summary>Commands that were fetched and are not completed.</summary>
    public int Outstanding { get; set; }

    /// <summary>Identifier of the admin command that deletes it, once there is one: nothing is fetched any more.</summary>
    public ushort? DeletedBy { get; set; }

    /// <summary>Tail doorbell as last seen.</summary>
    public uint SeenTail { get; private set; }

    /// <summary>Entries are there to be fetched.</summary>
    public bool HasEntries => State.Head != _tail && DeletedBy is null;

    /// <summary>SQHD of completions: how far entries were fetched.</summary>
    public ushort Head => (ushort)State.Head;

    private ref SubmissionQueueState State => ref _page.Value.Submissions[Id];

    /// <summary>Opens the queue for a burst; false while its memory is not mapped.</summary>
    public bool TryOpen() => _window.TryOpen();

    /// <summary>The memory cannot be reached: recorded.</summary>
    public void RecordFault() => _window.RecordFault();

    /// <summary>Takes the tail doorbell up; false when the value is none. Any other value is believed: the ring is the host's.</summary>
    public bool TryMoveTail(uint tail)
    {
        if (tail == SeenTail)
            return true;
        SeenTail = tail;
        if (tail >= (uint)_size)
            return false;
        _tail = (int)tail;
        return true;
    }

    /// <summary>Copies the next entry out; there is one, and the queue was opened.</summary>
    public void Fetch(out SubmissionEntry entry)
    {
        ref SubmissionQueueState state = ref State;
        int at = state.Head * SubmissionEntry.Length;
        entry = _window.PieceAt(ref at).Read<SubmissionEntry>(at);
        state.Head = state.Head + 1 == _size ? 0 : state.Head + 1;
    }
}
