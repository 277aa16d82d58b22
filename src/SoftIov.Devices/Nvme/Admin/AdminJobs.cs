using System.Collections.Concurrent;
using SoftIov.Devices.Nvme.Spec;

namespace SoftIov.Devices.Nvme;

/// <summary>
/// Admin commands that take long or wait for others: done by a thread of the pool, one after the other for each controller, completed by the
/// poller. A reset forgets them; what they do is done all the same.
/// </summary>
internal sealed class AdminJobs(NvmeController controller)
{
    private readonly ConcurrentQueue<Answer> _answers = new();
    private readonly Lock _gate = new();
    private Task _last = Task.CompletedTask;
    private int _epoch;

    /// <summary>Has something done; the command completes with what it returns.</summary>
    public CommandResult Start(in SubmissionEntry command, Func<CommandResult> work)
    {
        int epoch = Volatile.Read(ref _epoch);
        ushort commandId = command.CommandId;
        lock (_gate)
        {
            _last = _last.ContinueWith(
                _ => Run(epoch, commandId, work), CancellationToken.None, TaskContinuationOptions.None, TaskScheduler.Default);
        }

        return CommandResult.Pending;
    }

    /// <summary>Completes what was done; returns how many. Poller only.</summary>
    public int Reap()
    {
        int count = 0;
        while (_answers.TryDequeue(out Answer answer))
        {
            if (answer.Epoch != _epoch)
                continue;
            controller.Complete(controller.Queues.Submission(0)!, answer.CommandId, answer.Result);
            count++;
        }

        return count;
    }

    /// <summary>A reset: nobody waits any more.</summary>
    public void Forget() => Interlocked.Increment(ref _epoch);

    private void Run(int epoch, ushort commandId, Func<CommandResult> work)
    {
        CommandResult result;
        try
        {
            result = work();
        }
        catch (IOException)
        {
            // The store or the records failed: nothing was changed, and the operator is told by whoever failed.
            result = NvmeStatus.InternalError;
        }

        _answers.Enqueue(new Answer(epoch, commandId, result));
        controller.Handle?.Wake();
    }

    private readonly record struct Answer(int Epoch, ushort CommandId, CommandResult Result);
}
