using System.Collections.Concurrent;
using SoftIov.Devices.Nvme.Spec;

namespace SoftIov.Devices.Nvme;

/// <summary>
/// Commands that take long or wait for others: done by a thread of the pool, one after the other for each controller, completed by the
/// poller. A reset has them forgotten; what they do is done all the same.
/// </summary>
internal sealed class DeferredCommands(NvmeController controller, AdminData data)
{
    private readonly ConcurrentQueue<(Pending Command, DeferredResult Result)> _done = new();
    private readonly List<Pending> _pending = [];
    private readonly Lock _gate = new();
    private Task _last = Task.CompletedTask;

    /// <summary>Has something done; the command completes with what it returns. Poller only, as all but what is deferred.</summary>
    public CommandResult Start(SubmissionQueue queue, in SubmissionEntry command, Func<DeferredResult> work)
    {
        var pending = new Pending(queue, command);
        _pending.Add(pending);
        lock (_gate)
            _last = _last.ContinueWith(_ => Run(pending, work), CancellationToken.None, TaskContinuationOptions.None, TaskScheduler.Default);
        return CommandResult.Pending;
    }

    /// <summary>Completes what was done; returns how many.</summary>
    public int Reap()
    {
        int count = 0;
        while (_done.TryDequeue(out (Pending Command, DeferredResult Result) done))
        {
            if (!_pending.Remove(done.Command))
                continue;
            DeferredResult result = done.Result;
            NvmeStatus status = result is { Status: NvmeStatus.Success, Data: { } bytes } ? data.Write(done.Command.Entry, bytes) : result.Status;
            SubmissionEntry entry = done.Command.Entry;
            controller.Complete(done.Command.Queue, entry.CommandId, new CommandResult(status, result.Dword0), entry.NamespaceId);
            count++;
        }

        return count;
    }

    /// <summary>A reset: nobody waits any more.</summary>
    public void Forget() => _pending.Clear();

    private void Run(Pending pending, Func<DeferredResult> work)
    {
        DeferredResult result;
        try
        {
            result = work();
        }
        catch (Exception)
        {
            // The store or the records failed, or are gone with their adapter: nothing was changed, and the operator is told by whoever failed.
            Interlocked.Increment(ref controller.Counters.InternalErrors);
            result = NvmeStatus.InternalError;
        }

        _done.Enqueue((pending, result));
        controller.Handle?.Wake();
    }

    private sealed class Pending(SubmissionQueue queue, in SubmissionEntry entry)
    {
        public SubmissionQueue Queue => queue;

        public SubmissionEntry Entry { get; } = entry;
    }
}
