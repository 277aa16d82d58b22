using SoftIov.Memory;

namespace SoftIov.Devices.Nvme;

/// <summary>The queues of a controller that is enabled, by identifier. Poller only, but while the controller is not ready.</summary>
internal sealed class QueueSet(StatePage<ControllerState> page, DmaDomain dma)
{
    private readonly SubmissionQueue?[] _submissions = new SubmissionQueue?[QueueLimits.Count];
    private readonly CompletionQueue?[] _completions = new CompletionQueue?[QueueLimits.Count];

    /// <summary>Identifiers below this may be in use.</summary>
    private int _end;

    /// <summary>Submission queues by identifier, up to the last that is there.</summary>
    public ReadOnlySpan<SubmissionQueue?> Submissions => _submissions.AsSpan(0, _end);

    /// <summary>Completion queues by identifier, up to the last that is there.</summary>
    public ReadOnlySpan<CompletionQueue?> Completions => _completions.AsSpan(0, _end);

    /// <summary>True when some I/O queue is there.</summary>
    public bool HasIoQueues
    {
        get
        {
            for (int id = 1; id < _end; id++)
            {
                if (_submissions[id] is not null || _completions[id] is not null)
                    return true;
            }

            return false;
        }
    }

    /// <summary>Makes a completion queue of what the state says.</summary>
    public CompletionQueue AddCompletion(int id)
    {
        _end = Math.Max(_end, id + 1);
        return _completions[id] = new CompletionQueue(id, page, dma);
    }

    /// <summary>Makes a submission queue of what the state says; its completion queue is there.</summary>
    public SubmissionQueue AddSubmission(int id)
    {
        _end = Math.Max(_end, id + 1);
        CompletionQueue completions = _completions[page.Value.Submissions[id].CompletionQueue]!;
        completions.Users++;
        return _submissions[id] = new SubmissionQueue(id, page, dma, completions);
    }

    /// <summary>Deletes a submission queue.</summary>
    public void RemoveSubmission(int id)
    {
        _submissions[id]!.Completions.Users--;
        _submissions[id] = null;
        page.Value.Submissions[id] = default;
    }

    /// <summary>Deletes a completion queue that nobody uses.</summary>
    public void RemoveCompletion(int id)
    {
        _completions[id] = null;
        page.Value.Completions[id] = default;
    }

    /// <summary>Deletes everything.</summary>
    public void Clear()
    {
        Array.Clear(_submissions);
        Array.Clear(_completions);
        page.Value.Submissions = default;
        page.Value.Completions = default;
        _end = 0;
    }

    /// <summary>Submission queue <paramref name="id"/>, any number.</summary>
    public SubmissionQueue? Submission(int id) => (uint)id < QueueLimits.Count ? _submissions[id] : null;

    /// <summary>Completion queue <paramref name="id"/>, any number.</summary>
    public CompletionQueue? Completion(int id) => (uint)id < QueueLimits.Count ? _completions[id] : null;

    /// <summary>Whether a doorbell register is one of a queue that is there. Any thread: the poller may be making or deleting it.</summary>
    public bool HasDoorbell(int index) => index % 2 == 0 ? Submission(index / 2) is not null : Completion(index / 2) is not null;

    /// <summary>Opens all for a burst; false when the memory of one is not there.</summary>
    public bool TryOpen()
    {
        for (int id = 0; id < _end; id++)
        {
            if (_completions[id]?.TryOpen() == false || _submissions[id]?.TryOpen() == false)
                return false;
        }

        return true;
    }

    /// <summary>Records the faults of those whose memory is not there.</summary>
    public void RecordFaults()
    {
        for (int id = 0; id < _end; id++)
        {
            if (_completions[id]?.TryOpen() == false)
                _completions[id]!.RecordFault();
            if (_submissions[id]?.TryOpen() == false)
                _submissions[id]!.RecordFault();
        }
    }
}
