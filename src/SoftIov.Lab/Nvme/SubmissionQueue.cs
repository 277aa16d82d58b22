using System.Runtime.InteropServices;
using SoftIov.Lab.Pci;

namespace SoftIov.Lab.Nvme;

/// <summary>
/// Driver side of a submission queue (NVMe base 2.0, 3.3.3.1) and the commands in flight on it. Belongs to the thread of its completion queue.
/// <code>
/// while (queue.TryAllocate(out ushort id))
///     queue.Submit(id, NvmCommand.Read(1, lba, 8).At(queue.ListOf(id).Describe(address, 4096)));
/// queue.Ring();
/// queue.Completions.Poll();
/// while (queue.TryTake(out CompletionEntry done))
///     ...
/// </code>
/// </summary>
public sealed class SubmissionQueue
{
    private enum CommandState : byte
    {
        Free,
        Allocated,
        Issued,
        Done,
    }

    private readonly DriverMemory _memory;
    private readonly IDoorbells _doorbells;
    private readonly PrpList[] _lists;
    private readonly CommandState[] _states;
    private readonly bool[] _isHeld;
    private readonly CompletionEntry[] _results;
    private readonly ushort[] _free;
    private readonly ushort[] _done;
    private int _freeCount;
    private int _doneHead;
    private int _doneCount;
    private int _tail;
    private int _knownHead;

    /// <summary>
    /// Memory for <paramref name="size"/> entries, and <paramref name="listPages"/> pages of PRP lists a command; the controller does not know of
    /// it yet.
    /// </summary>
    public SubmissionQueue(DriverMemory memory, IDoorbells doorbells, CompletionQueue completions, int id, int size, int page, int listPages = 1)
    {
        ArgumentNullException.ThrowIfNull(memory);
        ArgumentNullException.ThrowIfNull(completions);
        _memory = memory;
        _doorbells = doorbells;
        Completions = completions;
        Id = id;
        Size = size;
        Address = memory.Allocate((long)size * SubmissionEntry.Size, page);
        int commands = size - 1;
        _lists = new PrpList[commands];
        for (int i = 0; i < commands; i++)
            _lists[i] = new PrpList(memory, listPages, page);
        _states = new CommandState[commands];
        _isHeld = new bool[commands];
        _results = new CompletionEntry[commands];
        _free = new ushort[commands];
        _done = new ushort[commands];
        Reset();
        completions.Attach(this);
    }

    /// <summary>Queue identifier.</summary>
    public int Id { get; }

    /// <summary>Entries; one less can be in flight.</summary>
    public int Size { get; }

    /// <summary>Where it is; starts a page.</summary>
    public ulong Address { get; }

    /// <summary>Where its completions go.</summary>
    public CompletionQueue Completions { get; }

    /// <summary>Index of the next entry.</summary>
    public int Tail => _tail;

    /// <summary>Commands that are neither done nor free.</summary>
    public int InFlight => _states.Length - _freeCount - _doneCount;

    /// <summary>Commands that may be submitted now.</summary>
    public int Room => Math.Min(_freeCount, Size - 1 - ((_tail - _knownHead + Size) % Size));

    /// <summary>
    /// Takes a command identifier, 0..<see cref="Size"/>-2, until its completion is taken; a held one's is taken by its identifier only. False
    /// when all are in use.
    /// </summary>
    public bool TryAllocate(out ushort commandId, bool isHeld = false)
    {
        commandId = 0;
        if (Room == 0)
            return false;

        commandId = _free[--_freeCount];
        _states[commandId] = CommandState.Allocated;
        _isHeld[commandId] = isHeld;
        return true;
    }

    /// <summary>PRP lists of a command.</summary>
    public PrpList ListOf(ushort commandId) => _lists[commandId];

    /// <summary>Writes an allocated command to the queue; <see cref="Ring()"/> tells the controller.</summary>
    public void Submit(ushort commandId, SubmissionEntry entry)
    {
        if (_states[commandId] != CommandState.Allocated)
            throw new InvalidOperationException($"Command {commandId} of queue {Id} is not allocated, or submitted already.");

        entry.CommandId = commandId;
        _states[commandId] = CommandState.Issued;
        MemoryMarshal.Write(Bytes(_tail), in entry);
        Advance();
    }

    /// <summary>Allocates and submits; false when there is no room.</summary>
    public bool TrySubmit(in SubmissionEntry entry, out ushort commandId, bool isHeld = false)
    {
        if (!TryAllocate(out commandId, isHeld))
            return false;

        Submit(commandId, entry);
        return true;
    }

    /// <summary>
    /// Writes 64 bytes to the queue as they are. The completion is the command's whose identifier they hold if that is in flight, else one of
    /// <see cref="CompletionQueue.Strays"/>.
    /// </summary>
    public void SubmitRaw(ReadOnlySpan<byte> entry)
    {
        entry[..SubmissionEntry.Size].CopyTo(Bytes(_tail));
        Advance();
    }

    /// <summary>Rings the tail doorbell.</summary>
    public void Ring() => _doorbells.Ring(2 * Id, (uint)_tail);

    /// <summary>Rings the tail doorbell with a value of the caller's.</summary>
    public void Ring(uint value) => _doorbells.Ring(2 * Id, value);

    /// <summary>Takes the result of the command that was done first and is not held; its identifier is free then.</summary>
    public bool TryTake(out CompletionEntry done)
    {
        done = default;
        if (_doneCount == 0)
            return false;

        ushort commandId = _done[_doneHead];
        _doneHead = (_doneHead + 1) % _done.Length;
        _doneCount--;
        done = Free(commandId);
        return true;
    }

    /// <summary>Takes the result of a held command; false when it is not done.</summary>
    public bool TryTake(ushort commandId, out CompletionEntry done)
    {
        bool isDone = _isHeld[commandId] && _states[commandId] == CommandState.Done;
        done = isDone ? Free(commandId) : default;
        return isDone;
    }

    /// <summary>Submits, rings and waits. Throws when there is no room or the time is over; the command is then still in flight.</summary>
    public CompletionEntry Execute(in SubmissionEntry entry, TimeSpan atMost)
    {
        if (!TrySubmit(entry, out ushort commandId, isHeld: true))
            throw new InvalidOperationException($"No room on submission queue {Id}.");

        Ring();
        return Await(commandId, entry.Opcode, atMost);
    }

    /// <summary>Waits for a held command and takes its result.</summary>
    public CompletionEntry Await(ushort commandId, byte opcode, TimeSpan atMost)
    {
        CompletionEntry done;
        while (!TryTake(commandId, out done))
        {
            if (Completions.Poll() > 0)
                continue;
            if (Completions.Wait(atMost))
                continue;
            throw new TimeoutException($"Command {commandId} (opcode {opcode:X2}h) of queue {Id} was not completed within {atMost.TotalSeconds} s.");
        }

        return done;
    }

    /// <summary>Empties the queue and forgets all commands: before it is given to the controller, and again after a reset.</summary>
    public void Reset()
    {
        _memory.Span(Address, Size * SubmissionEntry.Size).Clear();
        _states.AsSpan().Clear();
        for (int i = 0; i < _free.Length; i++)
            _free[i] = (ushort)(_free.Length - 1 - i);
        _freeCount = _free.Length;
        _doneCount = _doneHead = _tail = _knownHead = 0;
    }

    /// <summary>The bytes of an entry, to look at or to spoil.</summary>
    public Span<byte> Bytes(int index) => _memory.Span(Address + (ulong)(index * SubmissionEntry.Size), SubmissionEntry.Size);

    /// <summary>Takes a completion in; false when no such command is in flight.</summary>
    internal bool TryComplete(in CompletionEntry entry)
    {
        if (entry.SubmissionHead < Size)
            _knownHead = entry.SubmissionHead;
        ushort commandId = entry.CommandId;
        if (commandId >= _states.Length || _states[commandId] != CommandState.Issued)
            return false;

        _states[commandId] = CommandState.Done;
        _results[commandId] = entry;
        if (!_isHeld[commandId])
            _done[(_doneHead + _doneCount++) % _done.Length] = commandId;
        return true;
    }

    private CompletionEntry Free(ushort commandId)
    {
        _states[commandId] = CommandState.Free;
        _free[_freeCount++] = commandId;
        return _results[commandId];
    }

    private void Advance()
    {
        if (++_tail == Size)
            _tail = 0;
    }
}
