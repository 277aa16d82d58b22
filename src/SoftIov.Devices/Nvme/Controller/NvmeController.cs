using SoftIov.Datapath;
using SoftIov.Memory;
using SoftIov.Pcie;

namespace SoftIov.Devices.Nvme;

/// <summary>
/// One NVMe controller: registers, queues, and the commands in them. Registers are the control thread's, queues are the poller's;
/// <see cref="ControllerState.Phase"/> says which of the two may touch the queues. All that a reset clears is in the state page.
/// </summary>
internal sealed partial class NvmeController : IPollable, IDisposable
{
    /// <summary>The function's configuration registers have a page of their own, disk0/3/pcie.</summary>
    private const string PageSuffix = "/nvme";
    private const string DoorbellSuffix = "/doorbells";

    private readonly NvmeFunctionSettings _settings;
    private readonly PollScheduler? _scheduler;
    private readonly IStateStore _states;
    private readonly TimeProvider _time;
    private readonly StatePage<ControllerState> _page;
    private readonly StatePage<DoorbellPage> _doorbellPage;
    private readonly Doorbells _doorbells;
    private readonly Lock _gate = new();
    private IFunctionServices? _function;
    private DmaTranslator? _dma;
    private QueueSet? _queues;
    private DeferredCommands? _deferred;
    private AdminCommands? _admin;
    private IoCommands? _io;
    private bool _isDisposed;

    /// <summary>Without a scheduler whoever made the controller polls it by hand.</summary>
    public NvmeController(NvmeFunctionSettings settings, NvmeSubsystem subsystem, PollScheduler? scheduler, IStateStore states, TimeProvider time)
    {
        _settings = settings;
        _scheduler = scheduler;
        _states = states;
        _time = time;
        Subsystem = subsystem;
        Id = settings.Vf is { } vf ? ControllerId.OfVf(vf) : ControllerId.Primary;
        _page = states.Create<ControllerState>(settings.Name + PageSuffix);
        _page.Value = AtPowerOn;
        _doorbellPage = states.Create<DoorbellPage>(settings.Name + DoorbellSuffix);
        _doorbells = new Doorbells(_doorbellPage);
        Events = new AsyncEvents();
        Errors = new ErrorLog();
        EventReport = new PersistentEventReport(IdentifyCommand.Describe(this), subsystem);
        subsystem.Register(Id, this);
        _isOnline = settings.Vf is not { } number || subsystem.Secondaries[number].IsOnline;
    }

    /// <summary>The controller went to CSTS.CFS. Raised on the thread that saw it: handlers must return at once.</summary>
    public event Action<string>? Failed;

    /// <summary>What it did since it was made.</summary>
    public NvmeCounters Counters { get; } = new();

    /// <summary>The subsystem it is part of.</summary>
    public NvmeSubsystem Subsystem { get; }

    /// <summary>CNTLID.</summary>
    public ushort Id { get; }

    /// <summary>Ceilings of its I/O.</summary>
    public IoLimits Limits { get; } = new();

    /// <summary>True for a VF.</summary>
    public bool IsSecondary => _settings.Vf is not null;

    /// <summary>
    /// Any completion of a queue that interrupts is unread, and its vector not masked: the level of INTx. The doorbell lowers it, not the poller
    /// that sees it later: a VMM takes the pin for high until its guest touches a register again, and a guest that finds nothing to do does not.
    /// </summary>
    public bool IntxAsserted => Volatile.Read(ref _isIntxAsserted) && (State.InterruptMask & 1) == 0 && IsUnreadByDoorbells;

    /// <summary>Its place at a poller; null when it is polled by hand.</summary>
    public PollHandle? Handle { get; private set; }

    /// <summary>Asynchronous events. Poller only.</summary>
    public AsyncEvents Events { get; }

    /// <summary>Commands that failed. Poller only.</summary>
    public ErrorLog Errors { get; }

    /// <summary>The Persistent Event Log as its host reads it. Poller only.</summary>
    public PersistentEventReport EventReport { get; }

    /// <summary>Registers, features, cursors.</summary>
    public ref ControllerState State => ref _page.Value;

    /// <summary>Queues of the enabled controller. Poller only.</summary>
    public QueueSet Queues => _queues!;

    /// <summary>Where doorbells are read.</summary>
    public Doorbells Doorbells => _doorbells;

    /// <summary>
    /// Whether the host may be told of shadow doorbells: not where there is nothing but a pin, which a VMM takes for high until its guest touches
    /// a register: with shadow doorbells a guest that has read everything need not (decision 0112). Nor where the client has the registers
    /// mapped, and would have nothing of them (decision 0130).
    /// </summary>
    public bool OffersShadowDoorbells => _settings.Interrupts != NvmeInterrupts.Intx && !_doorbells.IsShared;

    /// <summary>Whether the function has a pin, which interrupts as long as messages are not enabled.</summary>
    public bool HasPin => _settings.Interrupts != NvmeInterrupts.Msix;

    /// <summary>The function it is behind.</summary>
    public IFunctionServices Function => _function!;

    /// <summary>Commands of I/O queues.</summary>
    public IoCommands Io => _io!;

    /// <summary>I/O queue pairs that a host may create now.</summary>
    public int IoPairs => State.Features.GrantedPairs is var granted && granted != 0 ? (int)granted : AvailablePairs;

    /// <summary>I/O queue pairs there are: what was built in, or what Virtualization Management assigned.</summary>
    public int AvailablePairs => Math.Min(_settings.QueuePairs, Subsystem.Secondaries.Resources(Id).Queues - 1);

    /// <summary>Interrupt vectors there are.</summary>
    public int VectorCount => Math.Min(NvmeFunction.VectorCount(_settings), Subsystem.Secondaries.Resources(Id).Interrupts);

    private static ControllerState AtPowerOn => new() { Features = FeatureState.Default };

    private bool IsUnreadByDoorbells
    {
        get
        {
            if (State.ShadowDoorbells != 0)
                return true;
            ReadOnlySpan<CompletionQueueState> queues = State.Completions;
            for (int id = 0; id < queues.Length; id++)
            {
                ref readonly CompletionQueueState queue = ref queues[id];
                if (queue.Size != 0 && queue.InterruptsEnabled != 0 && _doorbells.RegisterOfHead(id) != (uint)Volatile.Read(in queue.Tail))
                    return true;
            }

            return false;
        }
    }

    private ControllerPhase Phase
    {
        get => (ControllerPhase)Volatile.Read(ref State.Phase);
        set => Volatile.Write(ref State.Phase, (int)value);
    }

    /// <summary>The function this controller lives in.</summary>
    public void Bind(IFunctionServices function)
    {
        _function = function;
        _dma = new DmaTranslator(function.Dma);
        _queues = new QueueSet(_page, function.Dma);
        var data = new AdminData(_dma);
        _deferred = new DeferredCommands(this, data);
        _admin = new AdminCommands(this, data, _deferred, _time);
        _io = new IoCommands(this, _dma, data, _deferred, _states, _settings.Name, _time);
    }

    /// <summary>Stops everything and frees the state; waits for what is in flight, for a store that does not answer 5 s at most.</summary>
    public void Dispose()
    {
        lock (_gate)
        {
            if (_isDisposed)
                return;
            _isDisposed = true;
            Subsystem.Unregister(Id);
            Halt();
            if (Handle is not null)
                _scheduler!.Remove(Handle);
            _io?.Dispose();
            _page.Dispose();
            _doorbellPage.Dispose();
        }

        _states.Remove(_settings.Name + PageSuffix);
        _states.Remove(_settings.Name + DoorbellSuffix);
    }
}
