using SoftIov.Datapath;
using SoftIov.Devices.Nvme.Spec;

namespace SoftIov.Devices.Nvme;

/// <content>What the poller does: takes doorbells up, fetches and starts commands, completes what ended.</content>
internal sealed partial class NvmeController
{
    /// <summary>
    /// Data that one visit moves: whoever has many queues and fills them must not hold the poller up for its neighbours. How many commands it
    /// takes is the poller's to say.
    /// </summary>
    private const long VisitBytes = 512 * 1024;

    /// <summary>How long queue memory may be away: VMMs take maps down and up again when they move regions around.</summary>
    private static readonly TimeSpan UnmappedGrace = TimeSpan.FromMilliseconds(100);

    private long _unmappedSinceTicks;
    private long _drainingSinceTicks;
    private int _firstQueue;

    /// <inheritdoc/>
    public int Poll(PollContext context)
    {
        if (Phase != ControllerPhase.Ready)
            return PollPhase(context);
        if (!IsOnline || Volatile.Read(ref _isResetDue) || !_dma!.TryBegin() || !TryOpenQueues(context))
            return _io!.Reap(mayComplete: false, context.Budget);
        _doorbells.Refresh();
        int handled = _io!.Reap(mayComplete: true, context.Budget) + _deferred!.Reap();
        handled += PollQueues(context);
        _io.Start();
        Events.Deliver(this);
        Interrupt(context);
        return handled;
    }

    /// <inheritdoc/>
    public bool Arm(PollContext context)
    {
        if (Phase != ControllerPhase.Ready || !IsOnline || Volatile.Read(ref _isResetDue))
            return false;
        if (_doorbells.IsShared)
            return true;
        if (!_dma!.TryBegin() || !Queues.TryOpen())
            return false;
        _doorbells.Refresh();
        if (_doorbells.IsShadowed)
            AskForDoorbells();
        return HasRung();
    }

    /// <inheritdoc/>
    public void Disarm()
    {
    }

    /// <summary>Completes a command whose entry was reserved when it was fetched.</summary>
    /// <param name="queue">Where it came from.</param>
    /// <param name="commandId">Its identifier.</param>
    /// <param name="result">What became of it.</param>
    /// <param name="namespaceId">For the error log: the namespace it names.</param>
    /// <param name="block">For the error log: its first block.</param>
    public void Complete(SubmissionQueue queue, ushort commandId, CommandResult result, uint namespaceId = 0, ulong block = 0)
    {
        if (result.Status != NvmeStatus.Success)
            Refused(queue, commandId, result.Status, namespaceId, block);
        queue.Outstanding--;
        CompletionEntry entry = new()
        {
            Result = result.Dword0,
            SubmissionHead = queue.Head,
            SubmissionQueueId = (ushort)queue.Id,
            CommandId = commandId,
        };
        queue.Completions.Post(entry, result.Status);
        if (queue is not { Outstanding: 0, DeletedBy: { } deletion })
            return;
        Queues.RemoveSubmission(queue.Id);
        Complete(Queues.Submission(0)!, deletion, CommandResult.Done);
    }

    /// <summary>The poller's step from one phase to another; not if the control thread moved it meanwhile.</summary>
    private bool TryMove(ControllerPhase from, ControllerPhase to) =>
        Interlocked.CompareExchange(ref State.Phase, (int)to, (int)from) == (int)from;

    /// <summary>Before anything else what is in flight should end: by its answers the store wakes this poller.</summary>
    private int PollPhase(PollContext context)
    {
        ControllerPhase phase = Phase;
        if (phase is ControllerPhase.Disabled or ControllerPhase.ShutDown)
            return 0;
        bool isOpen = phase == ControllerPhase.ShuttingDown && _dma!.TryBegin() && Queues.TryOpen();
        if (!isOpen)
            _io!.Forget();
        int handled = _io!.Reap(isOpen, context.Budget);
        if (isOpen)
        {
            handled += _deferred!.Reap();
            Interrupt(context, isLast: true);
        }

        if (_io.InFlight > 0 && (phase == ControllerPhase.ShuttingDown || !IsPast(ref _drainingSinceTicks, NvmeSubsystem.StoreGrace, context)))
            return handled;
        switch (phase)
        {
            case ControllerPhase.Stopping when _io.InFlight > 0:
                // The host goes on; this phase stays until the last answer, for those who wait for commands in a namespace.
                Interlocked.And(ref State.Status, ~ControllerStatus.Ready);
                return handled;
            case ControllerPhase.Starting when TryMove(phase, ControllerPhase.Ready):
                Interlocked.Or(ref State.Status, ControllerStatus.Ready);
                return 1;
            case ControllerPhase.Stopping when TryMove(phase, ControllerPhase.Disabled):
                Interlocked.And(ref State.Status, ~ControllerStatus.Ready);
                return 1;
            case ControllerPhase.ShuttingDown when _io.TryFlush():
                return 1;
            case ControllerPhase.ShuttingDown when TryMove(phase, ControllerPhase.ShutDown):
                FinishShutdown();
                return 1;
            default:
                return handled;
        }
    }

    /// <summary>A queue whose memory is away and stays away is an error that has no completion (NVMe 2.0, 9.5): fatal.</summary>
    private bool TryOpenQueues(PollContext context)
    {
        if (Queues.TryOpen())
        {
            _unmappedSinceTicks = 0;
            return true;
        }

        if (!IsPast(ref _unmappedSinceTicks, UnmappedGrace, context))
            return false;
        _unmappedSinceTicks = 0;
        Queues.RecordFaults();
        if (TryMove(ControllerPhase.Ready, ControllerPhase.Failed))
            Fail("a queue lies in memory that is not mapped");
        return false;
    }

    /// <summary>Whether a grace that began with the first call is over; if not, asks to be polled when it is.</summary>
    private bool IsPast(ref long sinceTicks, TimeSpan grace, PollContext context)
    {
        if (sinceTicks == 0)
            sinceTicks = context.NowTicks;
        long endTicks = sinceTicks + (long)(grace.TotalSeconds * _time.TimestampFrequency);
        if (context.NowTicks >= endTicks)
            return true;
        context.WakeAt(endTicks);
        return false;
    }

    /// <summary>
    /// The admin queue first, then I/O queues round robin (CC.AMS is 0), as far as the budget goes. Admin commands leave half of it, or one.
    /// </summary>
    private int PollQueues(PollContext context)
    {
        ReadOnlySpan<CompletionQueue?> completions = Queues.Completions;
        for (int id = 0; id < completions.Length; id++)
        {
            if (completions[id] is { } queue && !queue.TryMoveHead(_doorbells.Head(id)))
                InvalidDoorbell(isValue: true);
        }

        ReadOnlySpan<SubmissionQueue?> submissions = Queues.Submissions;
        int handled = PollQueue(submissions[0]!, context, (context.Budget + 1) / 2);
        int ioQueues = submissions.Length - 1;
        if (ioQueues == 0)
            return handled;
        _io!.StartedBytes = 0;
        int left = Math.Max(1, context.Budget - handled);
        int first = _firstQueue % ioQueues;
        _firstQueue = first + 1;
        for (int i = 0; i < ioQueues; i++)
        {
            int id = 1 + ((first + i) % ioQueues);
            if (left == 0 || _io.StartedBytes >= VisitBytes)
            {
                _firstQueue = id - 1;
                break;
            }

            // An admin command of this very round may have deleted queues.
            if (Queues.Submission(id) is not { } queue)
                continue;
            int taken = PollQueue(queue, context, left);
            handled += taken;
            left -= taken;
        }

        return handled;
    }

    private int PollQueue(SubmissionQueue queue, PollContext context, int atMost)
    {
        if (!queue.TryMoveTail(_doorbells.Tail(queue.Id)))
            InvalidDoorbell(isValue: true);
        int count = 0;
        for (; count < atMost && queue.HasEntries && Phase == ControllerPhase.Ready; count++)
        {
            bool isIo = queue.Id != 0;
            if (isIo && !MayStart(context) || !queue.Completions.TryReserve())
                break;
            queue.Fetch(out SubmissionEntry command);
            queue.Outstanding++;
            CommandResult result = isIo ? _io!.Execute(queue, command, context) : _admin!.Execute(queue, command);
            if (!result.IsPending)
                Complete(queue, command.CommandId, result, command.NamespaceId, isIo ? IoCommands.BlockOf(command) : 0);
        }

        return count;
    }

    private bool MayStart(PollContext context) =>
        _io!.StartedBytes < VisitBytes && _io.HasRoom(context.NowTicks) && Limits.MayStart(context);

    /// <summary>
    /// One message for each vector whose queues have news that are due; the pin while anything is unread. Each news is told to the pin: its host
    /// may have read all that was there before, and lowered it, since this poller looked.
    /// </summary>
    private void Interrupt(PollContext context, bool isLast = false)
    {
        InterruptCoalescing coalescing = isLast ? default : new InterruptCoalescing(State.Features.InterruptCoalescing);
        bool isUnread = false;
        bool hasNews = false;
        foreach (CompletionQueue? queue in Queues.Completions)
        {
            if (queue is null)
                continue;
            isUnread |= queue.Interrupts && queue.HasUnread;
            hasNews |= queue.Interrupts && queue.HasNews;
            if (IsHeldBack(queue, coalescing, context) || !queue.TakeNews() || _settings.Interrupts == NvmeInterrupts.Intx)
                continue;
            Interlocked.Increment(ref Counters.Interrupts);
            _function!.Fire(queue.Vector);
        }

        if (!HasPin || (isUnread == _isIntxAsserted && !hasNews))
            return;
        Volatile.Write(ref _isIntxAsserted, isUnread);
        _function!.UpdateIntx();
    }

    private bool IsHeldBack(CompletionQueue queue, InterruptCoalescing coalescing, PollContext context) =>
        coalescing.IsOn && queue.HasNews && queue.Id != 0 && !State.Features.CoalescingDisabled.IsSet(queue.Vector)
        && !queue.IsDue(coalescing, context);

    private void AskForDoorbells()
    {
        foreach (SubmissionQueue? queue in Queues.Submissions)
        {
            if (queue is { Id: not 0 })
                _doorbells.AskForTail(queue.Id, queue.SeenTail);
        }

        foreach (CompletionQueue? queue in Queues.Completions)
        {
            if (queue is { Id: not 0 })
                _doorbells.AskForHead(queue.Id, queue.SeenHead);
        }

        // Pairs with the host's barrier between its shadow doorbell and its look at the event index.
        Memory.Fence.StoreThenLoad();
    }

    /// <summary>Whether a doorbell moved since it was last taken up. What could not be done then cannot be done now.</summary>
    private bool HasRung()
    {
        foreach (SubmissionQueue? queue in Queues.Submissions)
        {
            if (queue is not null && _doorbells.Tail(queue.Id) != queue.SeenTail)
                return true;
        }

        foreach (CompletionQueue? queue in Queues.Completions)
        {
            if (queue is not null && _doorbells.Head(queue.Id) != queue.SeenHead)
                return true;
        }

        return false;
    }

    private void InvalidDoorbell(bool isValue)
    {
        Interlocked.Increment(ref Counters.InvalidDoorbells);
        Events.Raise(AsyncEvents.ErrorType, isValue ? AsyncEvents.InvalidDoorbellValue : AsyncEvents.InvalidDoorbellRegister, LogPageId.Error);
    }

    private void Refused(SubmissionQueue queue, ushort commandId, NvmeStatus status, uint namespaceId, ulong block)
    {
        Interlocked.Increment(ref Counters.Errors);
        Errors.Add(queue.Id, commandId, status, namespaceId, block);
    }
}
