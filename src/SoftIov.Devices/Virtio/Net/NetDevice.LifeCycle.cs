using SoftIov.Datapath;
using SoftIov.Devices.Virtio.Spec;
using SoftIov.Memory;
using SoftIov.Pcie;

namespace SoftIov.Devices.Virtio.Net;

/// <content>
/// Starting and stopping of queues. Nothing here runs on a poller: each stop waits until no poller is inside. Mostly the control thread's,
/// but the change to a lane is made by another, hence the lock.
/// </content>
internal sealed partial class NetDevice
{
    private readonly PollScheduler? _scheduler;
    private readonly Lock _gate = new();
    private readonly PortPath _direct;
    private IFunctionServices? _function;
    private NetLane? _lane;
    private LaneStores? _laneStores;
    private bool _isRunning;

    /// <summary>The driver uses memory that only messages reach; until the next reset.</summary>
    private bool _needsLane;
    private int _isLaneRequested;

    /// <summary>What shared pollers visit, for those who poll by hand.</summary>
    public IEnumerable<IPollable> Pollables => _lane is { } lane ? [lane.Outbox] : [.. _pairs, _control];

    /// <summary>Whether the queues have a poller of their own.</summary>
    public bool HasLane => _lane is not null;

    /// <summary>Visits all pairs once, for those who poll by hand; returns how many frames were sent.</summary>
    public int PollPairs(PollContext context)
    {
        int handled = 0;
        foreach (QueuePair pair in _pairs)
            handled += pair.Poll(context);
        return handled;
    }

    /// <summary>Pairs that exist with the negotiated features.</summary>
    private int UsablePairs => NetFeatureRules.UsablePairs(Registers.Features, _pairs.Length);

    /// <summary>The control queue follows the last pair that could be used, not the last that is.</summary>
    private int ControlIndex => 2 * UsablePairs;

    private bool HasControlQueue => (Registers.Features & VirtioFeatures.CtrlVq) != 0;

    /// <summary>The function this device lives in.</summary>
    public void Bind(IFunctionServices function)
    {
        _function = function;
        Interrupts.Bind(function);
    }

    public void DriverOk()
    {
        lock (_gate)
        {
            State.ApplyFeatures();
            Start();
        }
    }

    /// <summary>Off: no DMA and no messages from the return on. On: work goes on where it stopped.</summary>
    public void BusMasterChanged(bool enabled)
    {
        lock (_gate)
        {
            if (enabled)
                Start();
            else
                Stop();
        }
    }

    public void StartQueue(int queue)
    {
        lock (_gate)
        {
            if (!_isRunning || QueueOf(queue) is null)
                return;

            Open(queue);
            Kick(queue);
        }
    }

    public void StopQueue(int queue)
    {
        lock (_gate)
        {
            if (QueueOf(queue) is not { } stopped)
                return;

            stopped.Close();
            _scheduler?.WaitForQuietPoint();
            _lane?.WaitForQuietPoint();
            _commands.QueueReset(queue);
        }
    }

    public void Kick(int queue)
    {
        Interlocked.Increment(ref Counters.Transport.Kicks);
        if (HasControlQueue && queue == ControlIndex)
            _control.Handle?.Wake();
        else if (queue % 2 == 1 && queue < ControlIndex)
            _pairs[queue / 2].Handle?.Wake();
    }

    public void Reset()
    {
        lock (_gate)
        {
            Stop();
            EndAnnouncement();
            _needsLane = false;
            _muted = 0;
            for (int ring = 0; ring < RingCount; ring++)
                RingQueue(ring).Inflight = null;
            Volatile.Write(ref _isLaneRequested, 0);
            Interlocked.Increment(ref Counters.Transport.Resets);
            if (State.DriverMac != 0 || !ReferenceEquals(_port.Filter, ReceiveFilter.AtReset))
                _port.ResetDriverState();
            bool wasAsserted = Interrupts.IsAsserted;
            State = NetState.AtReset(QueueCount, MaxQueueSize, Registers.Generation);
            _options.Accept(VirtioFeatures.None);
            if (wasAsserted)
                _function?.UpdateIntx();
        }
    }

    /// <summary>Not here: whoever asks is a poller, or in the middle of a start.</summary>
    public void NeedsMessages()
    {
        if (Interlocked.Exchange(ref _isLaneRequested, 1) == 0)
            ThreadPool.UnsafeQueueUserWorkItem(static device => device.MoveToLane(), this, preferLocal: false);
    }

    /// <summary>Work goes on where it stopped, at a poller that may wait for the client.</summary>
    private void MoveToLane()
    {
        lock (_gate)
        {
            if (_needsLane || Volatile.Read(ref _isLaneRequested) == 0)
                return;

            _needsLane = true;
            if (!_isRunning)
                return;

            Stop();
            Start();
        }
    }

    private void Start()
    {
        if (_isRunning || !Registers.IsLive || _function is not { Dma.BusMasterEnable: true })
            return;

        _isRunning = true;
        _lane = _needsLane ? MakeLane(_function.Dma) : null;
        _options.Configure(Registers.Features);
        _steering.Configure(Registers.Features);
        _commands.Apply();
        for (int queue = 0; queue < ControlIndex; queue++)
            Open(queue);
        if (HasControlQueue)
            Open(ControlIndex);
        _lane?.Start(_settings.Name);
        _port.Connect(_lane is null ? _receiver : _lane.Inbox);
        if (_lane is null)
            AddToPollers();
        else
            AddToLane(_lane);
    }

    private void Stop()
    {
        if (!_isRunning)
            return;

        _isRunning = false;
        _port.Connect(null);
        RemoveFromPollers();
        _scheduler?.WaitForQuietPoint();
        _lane?.Dispose();
        _lane = null;
        foreach (QueuePair pair in _pairs)
        {
            Close(pair.Receive.Queue, pair.Receive.Coalescer);
            Close(pair.Transmit.Queue, pair.Transmit.Coalescer);
        }

        _control.Queue.Close();
    }

    private void Open(int queue)
    {
        DmaDomain dma = _function!.Dma;
        if (HasControlQueue && queue == ControlIndex)
        {
            _control.Prepare();
            _control.Queue.Open(queue, dma, _lane is not null);
            return;
        }

        QueuePair pair = _pairs[queue / 2];
        pair.Receive.Prepare(dma.IsTranslated);
        pair.Transmit.Configure(Registers.Features, PathOf(pair));
        if (queue % 2 != 0 || !IsMuted(queue))
            QueueOf(queue)?.Open(queue, dma, _lane is not null);
    }

    private static void Close(DeviceQueue queue, NotificationCoalescer coalescer)
    {
        queue.Close();
        coalescer.Clear();
    }

    private DeviceQueue? QueueOf(int queue)
    {
        if (HasControlQueue && queue == ControlIndex)
            return _control.Queue;
        if (queue >= ControlIndex)
            return null;
        return RingQueue(queue);
    }

    private void AddToPollers()
    {
        if (_scheduler is null)
            return;

        for (int i = 0; i < UsablePairs; i++)
            _pairs[i].Handle = _scheduler.Add(_pairs[i], $"{_settings.Name}/pair{i}");
        if (HasControlQueue)
            _control.Handle = _scheduler.Add(_control, $"{_settings.Name}/control");
    }

    private NetLane MakeLane(DmaDomain dma)
    {
        _laneStores ??= new LaneStores();
        return new NetLane(dma, _port, _pairs, _receiver, _laneStores.Empty(), _scheduler, Counters, _time);
    }

    private void AddToLane(NetLane lane)
    {
        for (int i = 0; i < UsablePairs; i++)
            _pairs[i].Handle = lane.Add(_pairs[i], $"{_settings.Name}/pair{i}", _pairs[i].Receive.Queue, _pairs[i].Transmit.Queue);
        if (HasControlQueue)
            _control.Handle = lane.Add(_control, $"{_settings.Name}/control", _control.Queue);
        WakeAll();
    }

    /// <summary>A kick may have come while the handle was not there yet: the move to a lane is not the control thread's.</summary>
    private void WakeAll()
    {
        foreach (QueuePair pair in _pairs)
            pair.Handle?.Wake();
        _control.Handle?.Wake();
    }

    /// <summary>A lane goes as a whole.</summary>
    private void RemoveFromPollers()
    {
        foreach (QueuePair pair in _pairs)
        {
            if (_lane is null && pair.Handle is { } handle)
                _scheduler!.Remove(handle);
            pair.Handle = null;
        }

        if (_lane is null && _control.Handle is { } control)
            _scheduler!.Remove(control);
        _control.Handle = null;
    }
}
