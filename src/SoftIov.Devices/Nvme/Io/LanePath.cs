using SoftIov.Datapath;
using SoftIov.Devices.Nvme.Spec;
using SoftIov.Memory;

namespace SoftIov.Devices.Nvme;

/// <summary>
/// Commands on a store that takes time. Each has a slot with a buffer of ours: data is copied from the host when a command starts and to it
/// when it ends, so the store never touches the host's memory, and a host may take that away at any time. Poller only.
/// </summary>
internal sealed partial class LanePath : IIoPath, IDisposable
{
    /// <summary>A slot's buffer holds the data, and a page of ranges behind them.</summary>
    public const int SlotBytes = TransferLimits.Bytes + ByteRange.ListBytes;

    private readonly NvmeController _controller;
    private readonly IBlockLane _lane;
    private readonly StatePage<InFlightTable> _table;
    private readonly TimeProvider _time;
    private readonly DataBuffer _buffer;
    private readonly StoreShare _share;
    private readonly Namespace?[] _namespaces = new Namespace?[InFlightTable.Count];
    private readonly int[] _free = new int[InFlightTable.Count];
    private readonly Queue<int> _stalled = new(InFlightTable.Count);

    /// <summary>Over as far as the store goes, to be completed when the host's memory is there.</summary>
    private readonly Queue<int> _ended = new(InFlightTable.Count);
    private readonly BlockCompletion[] _answers = new BlockCompletion[PollContext.FullBudget];
    private int _freeCount;
    private bool _mayComplete;

    /// <summary>What commands under way cost of the share.</summary>
    private long _bytes;

    /// <summary>Commands of before the last reset with which the store is still busy.</summary>
    private int _forgotten;

    /// <summary>The lane and the table become this path's own.</summary>
    public LanePath(NvmeController controller, IBlockLane lane, StatePage<InFlightTable> table, DmaTranslator dma, TimeProvider time)
    {
        _controller = controller;
        _lane = lane;
        _table = table;
        _time = time;
        _buffer = new DataBuffer(dma);
        _share = new StoreShare(controller.Subsystem.StoreUsers, controller.Id);
        for (int slot = InFlightTable.Count - 1; slot >= 0; slot--)
            _free[_freeCount++] = slot;
    }

    /// <inheritdoc/>
    public bool HasRoom(long nowTicks) => _forgotten > 0 || (_freeCount > 0 && (_share.BytesAt(nowTicks) > _bytes || _bytes == 0));

    /// <inheritdoc/>
    public int InFlight => InFlightTable.Count - _freeCount;

    /// <inheritdoc/>
    public CommandResult Execute(in IoRequest request, PrpList data)
    {
        if (!TryTake(request, StoreShare.CostOf(request.Length), out int slot))
            return NvmeStatus.NamespaceNotReady;
        ref InFlightCommand command = ref _table.Value[slot];
        NvmeStatus status = NvmeStatus.Success;
        if (request.Opcode is NvmOpcode.Read or NvmOpcode.Write or NvmOpcode.Compare)
        {
            command.PageCount = data.Count;
            command.FirstLength = data.FirstLength;
            data.Pages.CopyTo(command.Pages);
            status = MapHost(ref command) ? NvmeStatus.Success : NvmeStatus.DataTransferError;
        }

        if (status != NvmeStatus.Success)
        {
            Free(slot);
            return status;
        }

        if (request.Opcode == NvmOpcode.Write)
            FromHost(slot);
        Ask(slot);
        return CommandResult.Pending;
    }

    /// <inheritdoc/>
    public CommandResult Execute(in IoRequest request, ReadOnlySpan<ByteRange> ranges)
    {
        if (!TryTake(request, StoreShare.CostOf(request.Length, ranges.Length), out int slot))
            return NvmeStatus.NamespaceNotReady;
        ref InFlightCommand command = ref _table.Value[slot];
        command.RangeCount = ranges.Length;
        Segment list = RangesOf(slot);
        for (int i = 0; i < ranges.Length; i++)
            list.Write(i * ByteRange.Bytes, ranges[i]);
        Ask(slot);
        return CommandResult.Pending;
    }

    /// <inheritdoc/>
    public void Start() => _lane.Start();

    /// <inheritdoc/>
    public int Reap(bool mayComplete, int atMost)
    {
        _mayComplete = mayComplete;
        int late = 0;
        for (; mayComplete && late < atMost && _ended.TryDequeue(out int ended); late++)
            Complete(ended);
        int count = late < atMost ? _lane.Reap(_answers.AsSpan(0, atMost - late)) : 0;
        for (int i = 0; i < count; i++)
            Answered(_answers[i]);
        if (count > 0)
        {
            AskAgain();
            _lane.Start();
        }

        return late + count;
    }

    /// <inheritdoc/>
    public void Forget()
    {
        while (_ended.TryDequeue(out int ended))
            Free(ended);
        for (int slot = 0; slot < InFlightTable.Count; slot++)
        {
            if (_namespaces[slot] is null || _table.Value[slot].IsForgotten)
                continue;
            _table.Value[slot].Queue = -1;
            _forgotten++;
            Abort(slot);
        }

        AskAgain();
    }

    /// <inheritdoc/>
    public void Abort(SubmissionQueue queue)
    {
        for (int slot = 0; slot < InFlightTable.Count; slot++)
        {
            if (_namespaces[slot] is not null && _table.Value[slot].Queue == queue.Id)
                Abort(slot);
        }

        AskAgain();
    }

    /// <summary>Has the store flush, for nobody who waits: it counts as in flight until it is done. There is room.</summary>
    public void Flush()
    {
        int slot = _free[--_freeCount];
        _table.Value[slot] = new InFlightCommand { Queue = -1, Opcode = NvmOpcode.Flush, RangeCount = 1 };
        Ask(slot);
        _lane.Start();
    }

    /// <summary>
    /// Waits for what is in flight, as long as the subsystem's patience lasts. Then a thread goes on waiting: lane and table, and whoever waits
    /// for the commands of a namespace, stay as they are until the store has answered.
    /// </summary>
    public void Dispose()
    {
        if (_lane.InFlight == 0)
            End();
        else
            _controller.Subsystem.WaitForStore(Task.Factory.StartNew(
                End, CancellationToken.None, TaskCreationOptions.LongRunning, TaskScheduler.Default));
    }

    /// <summary>Nothing is in flight any more when the lane is gone.</summary>
    private void End()
    {
        _lane.Dispose();
        for (int slot = 0; slot < InFlightTable.Count; slot++)
        {
            if (_namespaces[slot] is not null)
                Free(slot);
        }

        _table.Dispose();
    }

    /// <summary>The store is asked for nothing more of it.</summary>
    private void Abort(int slot)
    {
        ref InFlightCommand command = ref _table.Value[slot];
        if (command.Status == NvmeStatus.Success)
            command.Status = NvmeStatus.AbortedQueueDeleted;
        command.NextRange = command.RangeCount;
    }

    /// <summary>Gives those that wait for room in the lane another try.</summary>
    private void AskAgain()
    {
        for (int stalled = _stalled.Count; stalled > 0; stalled--)
            Ask(_stalled.Dequeue());
    }

    private bool TryTake(in IoRequest request, long cost, out int slot)
    {
        slot = -1;
        if (_forgotten > 0 || !request.Namespace.TryEnter(out int turn))
            return false;
        slot = _free[--_freeCount];
        _namespaces[slot] = request.Namespace;
        _bytes += cost;
        _table.Value[slot] = new InFlightCommand
        {
            Queue = request.Queue.Id,
            CommandId = request.CommandId,
            Opcode = request.Opcode,
            IsDurable = (byte)(request.IsDurable ? 1 : 0),
            Deallocates = (byte)(request.Deallocates ? 1 : 0),
            BlockShift = (byte)request.Namespace.BlockShift,
            NamespaceId = request.Namespace.Id,
            Offset = request.Offset,
            Length = request.Length,
            RangeCount = 1,
            Turn = turn,
            Cost = cost,
            SinceTicks = _time.GetTimestamp(),
        };
        return true;
    }

    private void Free(int slot)
    {
        Leave(slot);
        _namespaces[slot] = null;
        _table.Value[slot] = default;
        _free[_freeCount++] = slot;
    }

    /// <summary>The command touches the store no more: whoever waits for that goes on, whatever its own host does.</summary>
    private void Leave(int slot)
    {
        ref InFlightCommand command = ref _table.Value[slot];
        if (_namespaces[slot] is not { } space || command.HasLeft != 0)
            return;
        command.HasLeft = 1;
        space.Leave(command.Turn);
        _bytes -= command.Cost;
    }

    private Segment RangesOf(int slot) => _lane.Buffer(slot).Slice(TransferLimits.Bytes, ByteRange.ListBytes);
}
