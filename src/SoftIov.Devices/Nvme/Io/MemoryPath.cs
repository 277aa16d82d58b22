using SoftIov.Datapath;
using SoftIov.Devices.Nvme.Spec;
using SoftIov.Memory;

namespace SoftIov.Devices.Nvme;

/// <summary>
/// Commands on a store that is memory: one copy between the host's buffer and the store, within the poll. A store that keeps nothing is this
/// without the copy.
/// </summary>
internal sealed class MemoryPath(IBlockStore store, DmaTranslator dma) : IIoPath
{
    private readonly IHostMemory? _memory = store.Memory;
    private readonly DataBuffer _buffer = new(dma);

    /// <inheritdoc/>
    public bool HasRoom(long nowTicks) => true;

    /// <inheritdoc/>
    public int InFlight => 0;

    /// <inheritdoc/>
    public CommandResult Execute(in IoRequest request, PrpList data) => request.Opcode switch
    {
        NvmOpcode.Read => Move(request, data, DmaAccess.Write),
        NvmOpcode.Write => Move(request, data, DmaAccess.Read),
        NvmOpcode.Compare => Compare(request, data),
        NvmOpcode.WriteZeroes => Zero(request),
        _ => CommandResult.Done,
    };

    /// <inheritdoc/>
    public CommandResult Execute(in IoRequest request, ReadOnlySpan<ByteRange> ranges)
    {
        if (request.Opcode == NvmOpcode.Copy)
            return Copy(request, ranges);
        foreach (ByteRange range in ranges)
            Zero(request with { Offset = range.Offset, Length = range.Length });
        return CommandResult.Done;
    }

    /// <inheritdoc/>
    public void Start()
    {
    }

    /// <inheritdoc/>
    public int Reap() => 0;

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
    private NvmeStatus Zero(in IoRequest request)
    {
        long end = request.Offset + request.Length;
        for (long offset = request.Offset; offset < end && _memory is not null;)
        {
            long at = request.Namespace.Locate(offset, out long contiguous);
            long part = Math.Min(contiguous, end - offset);
            store.Deallocate(at, part);
            offset += part;
        }

        return NvmeStatus.Success;
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
