using SoftIov.Datapath;
using SoftIov.Devices.Nvme.Spec;
using SoftIov.Memory;

namespace SoftIov.Devices.Nvme;

/// <summary>
/// Commands on a store that is memory: one copy between the host's buffer and the store, within the poll. A store that keeps nothing is this
/// without the copy.
/// </summary>
internal sealed class MemoryPath(NvmeController controller, IBlockStore store, DmaTranslator dma, TimeProvider time) : IIoPath
{
    /// <summary>What is zeroed within the poll; more is done piece by piece in the polls that follow.</summary>
    public const long ZeroedAtOnceBytes = 512 * 1024;

    private const int MostZeroings = 16;

    private readonly IHostMemory? _memory = store.Memory;
    private readonly DataBuffer _buffer = new(dma);
    private readonly Zeroing?[] _zeroings = new Zeroing?[MostZeroings];
    private int _zeroingCount;

    /// <inheritdoc/>
    public bool HasRoom(long nowTicks) => _zeroingCount < MostZeroings;

    /// <inheritdoc/>
    public int InFlight => _zeroingCount;

    /// <inheritdoc/>
    public CommandResult Execute(in IoRequest request, PrpList data) => request.Opcode switch
    {
        NvmOpcode.Read => Move(request, data, DmaAccess.Write),
        NvmOpcode.Write => Move(request, data, DmaAccess.Read),
        NvmOpcode.Compare => Compare(request, data),
        NvmOpcode.WriteZeroes => Zero(request, [new ByteRange(request.Offset, request.Length)]),
        _ => CommandResult.Done,
    };

    /// <inheritdoc/>
    public CommandResult Execute(in IoRequest request, ReadOnlySpan<ByteRange> ranges)
    {
        if (request.Opcode == NvmOpcode.Copy)
            return Copy(request, ranges);
        return Zero(request, ranges);
    }

    /// <inheritdoc/>
    public void Start()
    {
    }

    /// <summary>Does a piece of what there is to zero, and completes what is done: few enough for any budget.</summary>
    public int Reap(bool mayComplete, int atMost)
    {
        if (_zeroingCount == 0)
            return 0;
        long left = ZeroedAtOnceBytes;
        int handled = 0;
        for (int i = 0; i < _zeroings.Length && left > 0; i++)
        {
            if (_zeroings[i] is not { IsUsed: true } zeroing)
                continue;
            handled += zeroing.IsOver ? 0 : 1;
            left -= zeroing.Advance(store, left);
            if (zeroing.IsOver && mayComplete)
                Complete(zeroing, NvmeStatus.Success);
        }

        return handled;
    }

    /// <inheritdoc/>
    public void Forget()
    {
        foreach (Zeroing? zeroing in _zeroings)
        {
            if (zeroing is { IsUsed: true })
                Free(zeroing);
        }
    }

    /// <inheritdoc/>
    public void Abort(SubmissionQueue queue)
    {
        foreach (Zeroing? zeroing in _zeroings)
        {
            if (zeroing is { IsUsed: true } && zeroing.Request.Queue == queue)
                Complete(zeroing, NvmeStatus.AbortedQueueDeleted);
        }
    }

    private NvmeStatus Move(in IoRequest request, PrpList data, DmaAccess access)
    {
        if (!_buffer.TryMap(data, (int)request.Length, access))
            return NvmeStatus.DataTransferError;
        if (_memory is null)
            return NvmeStatus.Success;
        long offset = request.Offset;
        foreach (Segment host in _buffer.Segments)
        {
            for (Segment left = host; left.Length > 0;)
            {
                Segment part = Locate(request.Namespace, offset, left.Length);
                if (access == DmaAccess.Write)
                    left.Write(0, part);
                else
                    part.Write(0, left.Slice(0, part.Length));
                offset += part.Length;
                left = left.Slice(part.Length);
            }
        }

        return NvmeStatus.Success;
    }

    private NvmeStatus Compare(in IoRequest request, PrpList data)
    {
        if (!_buffer.TryMap(data, (int)request.Length, DmaAccess.Read))
            return NvmeStatus.DataTransferError;
        if (_memory is null)
            return NvmeStatus.Success;
        long offset = request.Offset;
        foreach (Segment host in _buffer.Segments)
        {
            for (Segment left = host; left.Length > 0;)
            {
                Segment part = Locate(request.Namespace, offset, left.Length);
                if (!left.Equals(0, part))
                    return NvmeStatus.CompareFailure;
                offset += part.Length;
                left = left.Slice(part.Length);
            }
        }

        return NvmeStatus.Success;
    }

    /// <summary>Gives whole stretches back to whoever lent the memory: a hole reads as zeroes.</summary>
    private CommandResult Zero(in IoRequest request, ReadOnlySpan<ByteRange> ranges)
    {
        if (_memory is null)
            return CommandResult.Done;
        int free = Array.FindIndex(_zeroings, static each => each is not { IsUsed: true });
        Zeroing zeroing = _zeroings[free] ??= new Zeroing();
        if (!zeroing.TryStart(request, ranges, time.GetTimestamp()))
            return NvmeStatus.NamespaceNotReady;
        zeroing.Advance(store, ZeroedAtOnceBytes);
        if (zeroing.IsOver)
        {
            zeroing.End();
            return CommandResult.Done;
        }

        _zeroingCount++;
        return CommandResult.Pending;
    }

    private void Complete(Zeroing zeroing, NvmeStatus status)
    {
        IoRequest request = zeroing.Request;
        InFlightCommand command = new()
        {
            CommandId = request.CommandId,
            Opcode = request.Opcode,
            NamespaceId = request.Namespace.Id,
            BlockShift = (byte)request.Namespace.BlockShift,
            Offset = request.Offset,
            Length = request.Length,
            SinceTicks = zeroing.SinceTicks,
        };
        SubmissionQueue queue = request.Queue;
        Free(zeroing);
        controller.Io.Completed(queue, command, status);
    }

    private void Free(Zeroing zeroing)
    {
        zeroing.End();
        _zeroingCount--;
    }

    /// <summary>Ranges follow each other in the destination. They may overlap it: then what a range reads was maybe written by one before.</summary>
    private NvmeStatus Copy(in IoRequest request, ReadOnlySpan<ByteRange> ranges)
    {
        long to = request.Offset;
        foreach (ByteRange range in ranges)
        {
            for (long done = 0; done < range.Length && _memory is not null;)
            {
                Segment target = Locate(request.Namespace, to + done, (int)Math.Min(range.Length - done, int.MaxValue));
                Segment source = Locate(request.Namespace, range.Offset + done, target.Length);
                target.Write(0, source);
                done += source.Length;
            }

            to += range.Length;
        }

        return NvmeStatus.Success;
    }

    private Segment Locate(Namespace space, long offset, int length)
    {
        long at = space.Locate(offset, out long contiguous);
        return _memory!.Segment(at, (int)Math.Min(contiguous, length));
    }
}
