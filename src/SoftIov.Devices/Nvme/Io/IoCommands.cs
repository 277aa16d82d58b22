using SoftIov.Datapath;
using SoftIov.Devices.Nvme.Spec;
using SoftIov.Memory;

namespace SoftIov.Devices.Nvme;

/// <summary>
/// Commands of I/O queues (NVM command set 1.0, 3.2): found valid or refused here, done by the path to the store. Poller only, but for
/// opening and closing.
/// </summary>
internal sealed partial class IoCommands : IDisposable
{
    private const string PageSuffix = "/inflight";

    private readonly NvmeController _controller;
    private readonly DmaTranslator _dma;
    private readonly IStateStore _states;
    private readonly string _name;
    private readonly TimeProvider _time;
    private readonly PrpList _data;
    private readonly AdminData _small;
    private readonly ReservationCommands _reservations;
    private LanePath? _lane;
    private IIoPath _path;
    private long _nowTicks;
    private bool _isFlushed;

    /// <summary>Commands of one controller.</summary>
    public IoCommands(
        NvmeController controller, DmaTranslator dma, AdminData small, DeferredCommands deferred, IStateStore states, string name, TimeProvider time)
    {
        _controller = controller;
        _dma = dma;
        _states = states;
        _name = name;
        _time = time;
        _data = new PrpList(dma);
        _path = new MemoryPath(controller, Store, dma, time);
        _small = small;
        _reservations = new ReservationCommands(controller, small, deferred);
    }

    /// <summary>Another command can be taken.</summary>
    public bool HasRoom(long nowTicks) => _path.HasRoom(nowTicks);

    /// <summary>Bytes of the commands that were started since somebody set this to 0.</summary>
    public long StartedBytes { get; set; }

    /// <summary>Commands under way, those of before the last reset among them.</summary>
    public int InFlight => _path.InFlight;

    /// <summary>Time from the start to the end of commands that took more than one poll.</summary>
    public LatencyHistogram Latency { get; } = new();

    private IBlockStore Store => _controller.Subsystem.Store;

    /// <summary>
    /// A store that takes time gets a lane of this controller's own, once. Control thread; throws an <see cref="IOException"/> when the host
    /// has no room for it.
    /// </summary>
    public void OpenLane(PollHandle? handle)
    {
        _isFlushed = false;
        if (Store.Memory is not null || Store.IsNull || _lane is not null)
            return;
        IBlockLane lane = Store.OpenLane(InFlightTable.Count, LanePath.SlotBytes, handle!);
        _lane = new LanePath(_controller, lane, _states.Create<InFlightTable>(_name + PageSuffix), _dma, _time);
        _path = _lane;
    }

    /// <summary>Takes a command.</summary>
    public CommandResult Execute(SubmissionQueue queue, in SubmissionEntry command, PollContext context)
    {
        const byte FuseAndPsdt = 0xc3;
        _nowTicks = context.NowTicks;
        if ((command.Flags & FuseAndPsdt) != 0)
            return Charged(NvmeStatus.InvalidField);
        NvmeStatus status = _controller.Subsystem.Attached(_controller.Id).Find(command.NamespaceId, out Namespace? space);
        if (space is null)
        {
            bool isFlushOfAll = command.NamespaceId == NvmeSubsystem.AllNamespaces && (NvmOpcode)command.Opcode == NvmOpcode.Flush;
            return Charged(isFlushOfAll ? FlushAll(queue, command) : status);
        }

        return (NvmOpcode)command.Opcode switch
        {
            NvmOpcode.Read or NvmOpcode.Write or NvmOpcode.Compare or NvmOpcode.Verify or NvmOpcode.WriteZeroes => Move(queue, command, space),
            NvmOpcode.Flush => Charged(Flush(queue, command, space)),
            NvmOpcode.DatasetManagement => ManageDataset(queue, command, space),
            NvmOpcode.Copy => Copy(queue, command, space),
            NvmOpcode.ReservationRegister or NvmOpcode.ReservationReport or NvmOpcode.ReservationAcquire or NvmOpcode.ReservationRelease
                => Charged(_reservations.Execute(queue, command, space)),
            _ => Charged(NvmeStatus.InvalidOpcode),
        };
    }

    /// <summary>A command that took more than its poll has ended.</summary>
    public void Completed(SubmissionQueue queue, in InFlightCommand command, NvmeStatus status)
    {
        Latency.Add(_time.GetElapsedTime(command.SinceTicks));
        if (status is NvmeStatus.WriteFault or NvmeStatus.UnrecoveredReadError)
            Interlocked.Increment(ref _controller.Counters.MediaErrors);
        if (status == NvmeStatus.Success)
            Count(command.Opcode, command.Length);
        _controller.Complete(queue, command.CommandId, status, command.NamespaceId, (ulong)command.Offset >> command.BlockShift);
    }

    /// <summary>Starts what was taken in this round.</summary>
    public void Start() => _path.Start();

    /// <summary>Takes up some of what ended, and completes it if the host's memory is there; returns how much it was.</summary>
    public int Reap(bool mayComplete, int atMost) => _path.Reap(mayComplete, atMost);

    /// <summary>Before the host switches off: has the store flush once, if it needs that; true when there is something to wait for.</summary>
    public bool TryFlush()
    {
        if (_lane is null || _isFlushed)
            return false;
        _isFlushed = true;
        _lane.Flush();
        return true;
    }

    /// <summary>Nobody waits any more for what is under way.</summary>
    public void Forget() => _path.Forget();

    /// <summary>Has what came from a queue end as soon as the store answered what it was asked.</summary>
    public void Abort(SubmissionQueue queue) => _path.Abort(queue);

    /// <summary>Waits for what is in flight, but not for ever.</summary>
    public void Dispose()
    {
        if (_lane is null)
            return;
        _lane.Dispose();
        _states.Remove(_name + PageSuffix);
    }

    /// <summary>A command that moves no data costs one command, and the visit what it makes to do: bytes that are zeroed count as moved.</summary>
    private CommandResult Charged(CommandResult result, long bytes = 0, long work = 0)
    {
        StartedBytes += Math.Max(bytes, work);
        _controller.Limits.Charge(bytes, _nowTicks);
        return result;
    }

    private void Count(NvmOpcode opcode, long bytes)
    {
        NvmeCounters counters = _controller.Counters;
        switch (opcode)
        {
            case NvmOpcode.Read:
                counters.Reads++;
                counters.ReadBytes += bytes;
                break;
            case NvmOpcode.Write:
                counters.Writes++;
                counters.WriteBytes += bytes;
                break;
            case NvmOpcode.Flush:
                counters.Flushes++;
                break;
            default:
                counters.OtherCommands++;
                break;
        }
    }
}
