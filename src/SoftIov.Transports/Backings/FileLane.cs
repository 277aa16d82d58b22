using SoftIov.Datapath;
using SoftIov.Linux;
using SoftIov.Memory;

namespace SoftIov.Transports.Backings;

/// <summary>
/// A lane to a file or block device: an io_uring, and memory for the slots that costs nothing until it is used. What the kernel did only in
/// part is gone on with, what it could not do just now is tried again, what it cannot do at all is done another way.
/// </summary>
internal sealed class FileLane : IBlockLane
{
    private readonly FileStore _store;
    private readonly FileDescriptor _file;
    private readonly IoUring _ring;
    private readonly ReservedMemory _buffers;
    private readonly PollHandle? _handle;
    private readonly IDisposable? _watch;
    private readonly Flight[] _flights;
    private readonly int[] _free;
    private int _freeCount;
    private bool _hasLostWrites;

    /// <summary>Takes the file over. Answers wake <paramref name="handle"/>, if any, whose poller sleeps in <paramref name="sleep"/>.</summary>
    public FileLane(FileStore store, FileDescriptor file, int slotCount, int slotBytes, EpollSleep? sleep, PollHandle? handle)
    {
        _store = store;
        _file = file;
        _handle = handle;
        SlotCount = slotCount;
        SlotBytes = slotBytes;
        try
        {
            _ring = IoUring.Open(2 * slotCount);
            _buffers = new ReservedMemory((long)slotCount * slotBytes);
            _watch = handle is null ? null : sleep!.Watch(_ring.Descriptor, handle.Wake);
        }
        catch
        {
            _buffers?.Dispose();
            _ring?.Dispose();
            _file.Dispose();
            _store.Leave();
            throw;
        }

        _flights = new Flight[_ring.Capacity];
        _free = new int[_ring.Capacity];
        while (_freeCount < _free.Length)
        {
            _free[_freeCount] = _freeCount++;
        }
    }

    /// <inheritdoc/>
    public int SlotCount { get; }

    /// <inheritdoc/>
    public int SlotBytes { get; }

    /// <inheritdoc/>
    public int InFlight => _flights.Length - _freeCount;

    /// <summary>Why the last request that failed did.</summary>
    public Errno LastError { get; private set; }

    /// <inheritdoc/>
    public Segment Buffer(int slot) => _buffers.Segment((long)slot * SlotBytes, SlotBytes);

    /// <inheritdoc/>
    public bool TrySubmit(in BlockRequest request)
    {
        Check(in request);
        if (_freeCount == 0)
        {
            return false;
        }

        int index = _free[--_freeCount];
        _flights[index] = new Flight { Request = request, Step = FirstStep(request.Operation) };
        Prepare(index);
        return true;
    }

    /// <inheritdoc/>
    public void Start()
    {
        if (!_ring.Start())
        {
            _handle?.Wake();
        }
    }

    /// <inheritdoc/>
    public int Reap(Span<BlockCompletion> completions)
    {
        int count = 0;
        while (count < completions.Length && _ring.TryTake(out IoCompletion answer))
        {
            int index = (int)answer.Tag;
            ref Flight flight = ref _flights[index];
            if (Advance(ref flight, answer.Result) is { } outcome)
            {
                completions[count++] = new BlockCompletion(flight.Request.Slot, outcome);
                _free[_freeCount++] = index;
            }
            else
            {
                Prepare(index);
            }
        }

        Start();
        return count;
    }

    /// <summary>Starts what was taken and waits for an answer.</summary>
    public BlockOutcome Wait()
    {
        Span<BlockCompletion> one = stackalloc BlockCompletion[1];
        while (Reap(one) == 0)
        {
            _ring.Wait();
        }

        return one[0].Outcome;
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _watch?.Dispose();
        while (InFlight > 0)
        {
            Wait();
        }

        _ring.Dispose();
        _buffers.Dispose();
        _file.Dispose();
        _store.Leave();
    }

    private FlightStep FirstStep(BlockOperation operation) => operation switch
    {
        BlockOperation.Read or BlockOperation.Write => FlightStep.Transfer,
        BlockOperation.Flush => FlightStep.Synchronize,
        BlockOperation.Deallocate when _store.CanPunchHoles => FlightStep.PunchHole,
        _ => _store.CanZeroRanges ? FlightStep.ZeroRange : FlightStep.WriteZeroes,
    };

    /// <summary>Gives the kernel the next step of a flight. There is room: the ring holds as many requests as there are flights.</summary>
    private void Prepare(int index)
    {
        ref Flight flight = ref _flights[index];
        BlockRequest request = flight.Request;
        long offset = request.Offset + flight.DoneBytes;
        long left = request.Length - flight.DoneBytes;
        ulong tag = (ulong)index;
        _ring.TryPrepare(flight.Step switch
        {
            FlightStep.Transfer when request.Operation == BlockOperation.Read => IoRequest.Read(_file, offset, Part(in flight), tag),
            FlightStep.Transfer => IoRequest.Write(_file, offset, Part(in flight), request.IsDurable, tag),
            FlightStep.PunchHole => IoRequest.Allocate(_file, AllocationMode.PunchHole, offset, left, tag),
            FlightStep.ZeroRange => IoRequest.Allocate(_file, AllocationMode.ZeroRange, offset, left, tag),
            FlightStep.WriteZeroes => IoRequest.Write(_file, offset, Zeroes(left), request.IsDurable, tag),
            _ => IoRequest.Flush(_file, tag),
        });
    }

    /// <summary>What is left of a transfer, in the slot's buffer.</summary>
    private Segment Part(in Flight flight) =>
        Buffer(flight.Request.Slot).Slice(flight.Request.BufferOffset + (int)flight.DoneBytes, (int)(flight.Request.Length - flight.DoneBytes));

    private Segment Zeroes(long atMost)
    {
        Segment zeroes = _store.Zeroes;
        return zeroes.Slice(0, (int)Math.Min(zeroes.Length, atMost));
    }

    /// <summary>How the request went; null when it goes on with a step that is to be prepared.</summary>
    private BlockOutcome? Advance(ref Flight flight, IoResult result)
    {
        switch (result.Error)
        {
            case Errno.None:
                return Succeed(ref flight, result.Bytes);

            case Errno.EAGAIN or Errno.EINTR or Errno.ECANCELED:
                return null;

            case Errno.EOPNOTSUPP or Errno.ENOSYS when flight.Step == FlightStep.PunchHole:
                _store.CanPunchHoles = false;
                flight.Step = FirstStep(BlockOperation.WriteZeroes);
                return null;

            case Errno.EOPNOTSUPP or Errno.ENOSYS when flight.Step == FlightStep.ZeroRange:
                _store.CanZeroRanges = false;
                flight.Step = FlightStep.WriteZeroes;
                return null;

            default:
                return Fail(in flight, result.Error);
        }
    }

    private BlockOutcome? Succeed(ref Flight flight, int bytes)
    {
        switch (flight.Step)
        {
            case FlightStep.Transfer or FlightStep.WriteZeroes:
                // Past the page cache, only whole blocks can be gone on with.
                int whole = bytes & -_store.BlockBytes;
                flight.DoneBytes += whole;
                return whole == 0 ? Fail(in flight, Errno.EIO)
                    : flight.DoneBytes < flight.Request.Length ? null
                    : BlockOutcome.Done;

            case FlightStep.Synchronize:
                return _hasLostWrites ? BlockOutcome.MediumError : BlockOutcome.Done;

            default:
                bool isToStay = flight.Request.IsDurable;
                flight.Step = FlightStep.Synchronize;
                return isToStay ? null : BlockOutcome.Done;
        }
    }

    /// <summary>
    /// The kernel tells of a write that failed behind its back once, and forgets the data: a flush that comes later must not pass for one that
    /// covered it.
    /// </summary>
    private BlockOutcome Fail(in Flight flight, Errno error)
    {
        LastError = error;
        _hasLostWrites |= flight.Step == FlightStep.Synchronize || (flight.Request.IsDurable && !_store.IsDirect);
        return error switch
        {
            Errno.ENOSPC or Errno.EDQUOT or Errno.EFBIG => BlockOutcome.NoSpace,
            Errno.EOPNOTSUPP or Errno.ENOSYS => BlockOutcome.NotSupported,
            _ => BlockOutcome.MediumError,
        };
    }

    /// <summary>A request that breaks the contract is a mistake of the caller, and throws.</summary>
    private void Check(in BlockRequest request)
    {
        bool isSlot = (uint)request.Slot < (uint)SlotCount;
        bool isInStore = request.Offset >= 0 && request.Length >= 0 && request.Offset <= _store.Length - request.Length;
        bool isInBuffer = request.Operation is not (BlockOperation.Read or BlockOperation.Write)
            || (request.BufferOffset >= 0 && request.BufferOffset <= SlotBytes - request.Length);
        bool isEmpty = request.Length == 0;
        if (!isSlot || !isInStore || !isInBuffer || isEmpty != (request.Operation == BlockOperation.Flush))
        {
            throw new ArgumentOutOfRangeException(nameof(request), request, "Outside the store or the slot's buffer.");
        }

        if (((request.Offset | request.Length) & (_store.BlockBytes - 1)) != 0 || request.BufferOffset % 512 != 0)
        {
            throw new ArgumentException($"{request} is not in blocks of {_store.BlockBytes} bytes.", nameof(request));
        }
    }

    /// <summary>A request on its way.</summary>
    private struct Flight
    {
        public BlockRequest Request;
        public FlightStep Step;
        public long DoneBytes;
    }

    /// <summary>What the kernel was last asked to do for a request.</summary>
    private enum FlightStep : byte
    {
        Transfer,
        PunchHole,
        ZeroRange,
        WriteZeroes,
        Synchronize,
    }
}
