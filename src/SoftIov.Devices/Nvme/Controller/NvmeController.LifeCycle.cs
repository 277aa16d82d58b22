using SoftIov.Devices.Nvme.Spec;
using SoftIov.Memory;

namespace SoftIov.Devices.Nvme;

/// <content>
/// Enable, reset, shutdown (NVMe 2.0, 3.5 and 3.6). The control thread moves the phase, and touches the queues only while the phase keeps the
/// poller away and the poller has passed a quiet point. What has to wait for the medium is finished by the poller.
/// </content>
internal sealed partial class NvmeController
{
    private bool _isIntxAsserted;

    /// <summary>Function level reset and the like: power-on state. No DMA is in flight when it returns.</summary>
    public void Reset()
    {
        lock (_gate)
        {
            PowerOn();
            if (!IsSecondary)
                Subsystem.Secondaries.PrimaryReset();
        }
    }

    /// <summary>Off: no DMA and no messages from the return on. On: work goes on where it stopped.</summary>
    public void BusMasterChanged(bool enabled)
    {
        if (enabled)
            Handle?.Wake();
        else
            _scheduler?.WaitForQuietPoint();
    }

    /// <summary>The client has the doorbell page mapped, or has it no more: then nobody touches it when this returns.</summary>
    public void ShareDoorbells(IHostMemory? memory)
    {
        lock (_gate)
        {
            _doorbells.Share(memory);
            _scheduler?.WaitForQuietPoint();
            Handle?.Wake();
        }
    }

    /// <summary>Asked for by a register write, whose function is locked now: done by another thread.</summary>
    private void RequestSubsystemReset() =>
        ThreadPool.UnsafeQueueUserWorkItem(static subsystem => subsystem.Reset(), Subsystem, preferLocal: false);

    private void WriteConfiguration(uint value)
    {
        lock (_gate)
        {
            ControllerConfiguration before = new(State.Configuration);
            ControllerConfiguration after = new(value & ControllerConfiguration.WritableBits);
            State.Configuration = after.Value;
            if (after.IsEnabled && !before.IsEnabled)
                Enable(after);
            else if (!after.IsEnabled && before.IsEnabled)
                Disable();
            if (after.ShutdownNotification != 0 && before.ShutdownNotification == 0)
                ShutDown();
        }
    }

    private void PowerOn()
    {
        Interlocked.Increment(ref Counters.Resets);
        Subsystem.RecordReset(Id);
        Halt();
        State = AtPowerOn;
        _doorbells.Clear();
        if (_io is { InFlight: > 0 })
            Stop();
        LowerPin();
    }

    private void Enable(ControllerConfiguration configuration)
    {
        if (!IsOnline || _function is null)
            return;
        if (!IsValid(configuration))
        {
            Fail("enabled with values of CC, AQA, ASQ or ACQ that are none");
            return;
        }

        Halt();
        State.Status &= ControllerStatus.SubsystemResetOccurred;
        AddAdminQueues();
        Handle ??= _scheduler?.Add(this, _settings.Name);
        try
        {
            _io!.OpenLane(Handle);
        }
        catch (IOException e)
        {
            Fail($"the store takes no more users: {e.Message}");
            return;
        }

        Phase = ControllerPhase.Starting;
        Handle?.Wake();
    }

    private bool IsValid(ControllerConfiguration configuration)
    {
        ref ControllerState state = ref State;
        const ulong Offset = ControllerCapabilities.PageSize - 1;
        return configuration is { PageShift: ControllerCapabilities.PageShift, CommandSet: 0, Arbitration: 0 }
            && AdminSubmissionEntries > 1 && AdminCompletionEntries > 1
            && ((state.AdminSubmissionQueue | state.AdminCompletionQueue) & Offset) == 0;
    }

    private int AdminSubmissionEntries => (int)(State.AdminQueueAttributes & 0xfff) + 1;

    private int AdminCompletionEntries => (int)(State.AdminQueueAttributes >> 16 & 0xfff) + 1;

    private void AddAdminQueues()
    {
        ref ControllerState state = ref State;
        _doorbells.Clear();
        state.Completions[0] = new CompletionQueueState
        {
            Base = state.AdminCompletionQueue, Size = AdminCompletionEntries, Phase = 1, InterruptsEnabled = 1,
        };
        state.Submissions[0] = new SubmissionQueueState { Base = state.AdminSubmissionQueue, Size = AdminSubmissionEntries };
        _queues!.AddCompletion(0);
        _queues.AddSubmission(0);
    }

    /// <summary>Controller reset (NVMe 2.0, 3.7.2): RDY goes to 0 when nothing is in flight any more, or the store takes too long.</summary>
    private void Disable()
    {
        Interlocked.Increment(ref Counters.Resets);
        Subsystem.RecordReset(Id);
        Halt();
        State.Features = FeatureState.Default;
        if (!IsSecondary)
            Subsystem.Secondaries.PrimaryDisabled();
        bool isBusy = _io is { InFlight: > 0 };
        State.Status &= ControllerStatus.SubsystemResetOccurred | (isBusy ? ControllerStatus.Ready : 0);
        if (isBusy)
            Stop();
        LowerPin();
    }

    /// <summary>There are no queues any more that could have anything unread. After <see cref="Halt"/>.</summary>
    private void LowerPin()
    {
        if (!_isIntxAsserted)
            return;
        Volatile.Write(ref _isIntxAsserted, false);
        _function?.UpdateIntx();
    }

    /// <summary>The poller takes up what is still in flight.</summary>
    private void Stop()
    {
        Phase = ControllerPhase.Stopping;
        Handle?.Wake();
    }

    /// <summary>Nothing is fetched, completed or moved from the return on.</summary>
    private void Halt()
    {
        Phase = ControllerPhase.Disabled;
        _scheduler?.WaitForQuietPoint();
        _doorbells.Shadow(null, 0, 0);
        State.ShadowDoorbells = 0;
        State.EventIndexes = 0;
        _queues?.Clear();
        _deferred?.Forget();
        Subsystem.SetHost(Id, default);
        _io?.Forget();
        _drainingSinceTicks = 0;
        Events.Clear();
        EventReport.Release();
    }

    private void ShutDown()
    {
        Interlocked.And(ref State.Status, ~ControllerStatus.ShutdownMask);
        Interlocked.Or(ref State.Status, ControllerStatus.ShutdownOccurring);
        if (Phase is ControllerPhase.Ready or ControllerPhase.Starting)
        {
            Phase = ControllerPhase.ShuttingDown;
            Handle?.Wake();
            return;
        }

        FinishShutdown();
    }

    private void FinishShutdown()
    {
        Interlocked.Or(ref State.Status, ControllerStatus.ShutdownComplete);
        Interlocked.And(ref State.Status, ~ControllerStatus.ShutdownOccurring);
    }

    /// <summary>CSTS.CFS: only a reset helps. From the control thread or the poller.</summary>
    private void Fail(string reason)
    {
        Phase = ControllerPhase.Failed;
        Interlocked.Or(ref State.Status, ControllerStatus.Fatal);
        Interlocked.Increment(ref Counters.FatalErrors);
        Failed?.Invoke(reason);
    }
}
