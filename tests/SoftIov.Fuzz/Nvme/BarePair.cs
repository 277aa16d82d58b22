using System.Diagnostics;
using System.Runtime.InteropServices;
using SoftIov.Lab.Nvme;

namespace SoftIov.Fuzz.Nvme;

/// <summary>
/// A queue pair as the plainest driver has it, firmware for example: entries at addresses of its choice, phases polled, nothing checked.
/// </summary>
internal sealed class BarePair(BareController controller, int id, ulong submissions, int submissionSize, ulong completions, int completionSize)
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    private int _tail;
    private int _head;
    private bool _phase = true;
    private ushort _commandId;

    public int Id => id;

    public ulong Submissions => submissions;

    public int SubmissionSize => submissionSize;

    public ulong Completions => completions;

    public int CompletionSize => completionSize;

    /// <summary>Empties both: before the controller hears of them.</summary>
    public void Reset()
    {
        controller.Memory.Span(submissions, submissionSize * SubmissionEntry.Size).Clear();
        ResetCompletions();
        _tail = 0;
    }

    /// <summary>Empties the completion queue alone.</summary>
    public void ResetCompletions()
    {
        controller.Memory.Span(completions, completionSize * CompletionEntry.Size).Clear();
        _head = 0;
        _phase = true;
    }

    /// <summary>Puts a command into the queue, and tells nobody.</summary>
    public void Put(in SubmissionEntry entry)
    {
        MemoryMarshal.Write(controller.Memory.Span(submissions + (ulong)(_tail * SubmissionEntry.Size), SubmissionEntry.Size), in entry);
        _tail = (_tail + 1) % submissionSize;
    }

    public void Ring() => Ring((uint)_tail);

    public void Ring(uint value) => controller.Write32(NvmeRegister.Doorbells + (8 * id), value);

    /// <summary>Takes the next completion. Pairs with the controller's store of the phase, its last.</summary>
    public bool TryTake(out CompletionEntry entry)
    {
        Span<byte> bytes = controller.Memory.Span(completions + (ulong)(_head * CompletionEntry.Size), CompletionEntry.Size);
        entry = default;
        if ((Volatile.Read(ref MemoryMarshal.AsRef<uint>(bytes[12..])) >> 16 & 1) != 0 != _phase)
            return false;
        entry = MemoryMarshal.Read<CompletionEntry>(bytes);
        _head = (_head + 1) % completionSize;
        _phase ^= _head == 0;
        return true;
    }

    /// <summary>Tells the controller how far it has read.</summary>
    public void Release() => controller.Write32(NvmeRegister.Doorbells + (8 * id) + 4, (uint)_head);

    /// <summary>One command at a time; null when it is not completed in time.</summary>
    public CompletionEntry? Execute(SubmissionEntry entry)
    {
        entry.CommandId = ++_commandId;
        Put(entry);
        Ring();
        long start = Stopwatch.GetTimestamp();
        CompletionEntry done;
        while (!TryTake(out done))
        {
            if (Stopwatch.GetElapsedTime(start) > Patience)
                return null;
            controller.Wait();
        }

        Release();
        return done.CommandId == _commandId && done.SubmissionQueueId == id ? done : null;
    }
}
