using SoftIov.Datapath;
using SoftIov.Devices.Nvme.Spec;
using SoftIov.Memory;

namespace SoftIov.Devices.Nvme;

/// <content>From commands to requests of the store, and from its answers to completions.</content>
internal sealed partial class LanePath
{
    /// <summary>
    /// Asks the store for all that the command's stage is about, one request for each stretch that is one in the store. When the store has
    /// no room the command waits for answers to others.
    /// </summary>
    private void Ask(int slot)
    {
        ref InFlightCommand command = ref _table.Value[slot];
        while (command.NextRange < command.RangeCount)
        {
            BlockRequest request = Next(ref command, slot);
            if (!_lane.TrySubmit(request))
            {
                _stalled.Enqueue(slot);
                return;
            }

            command.Unanswered++;
            Advance(ref command, slot, request);
        }

        if (command.Unanswered == 0)
            EndStage(slot);
    }

    private BlockRequest Next(ref InFlightCommand command, int slot)
    {
        BlockOperation operation = OperationOf(command);
        if (operation == BlockOperation.Flush)
            return new BlockRequest(slot, operation, 0, 0);
        ByteRange range = RangeOf(command, slot);
        long offset = _namespaces[slot]!.Locate(range.Offset + command.Asked, out long contiguous);
        long length = Math.Min(contiguous, range.Length - command.Asked);
        bool isDurable = command.IsDurable != 0 && operation == BlockOperation.Write;
        return new BlockRequest(slot, operation, offset, length, command.BufferUsed, isDurable);
    }

    private void Advance(ref InFlightCommand command, int slot, in BlockRequest request)
    {
        command.Asked += request.Length;
        if (request.Operation is BlockOperation.Read or BlockOperation.Write)
            command.BufferUsed += (int)request.Length;
        if (request.Operation != BlockOperation.Flush && command.Asked < RangeOf(command, slot).Length)
            return;
        command.NextRange++;
        command.Asked = 0;
    }

    private static BlockOperation OperationOf(in InFlightCommand command) => (command.Opcode, command.Stage) switch
    {
        (NvmOpcode.Write, _) or (NvmOpcode.Copy, 1) => BlockOperation.Write,
        (NvmOpcode.DatasetManagement, 0) => BlockOperation.Deallocate,
        (NvmOpcode.WriteZeroes, 0) => command.Deallocates != 0 ? BlockOperation.Deallocate : BlockOperation.WriteZeroes,
        (NvmOpcode.Flush, _) or (NvmOpcode.WriteZeroes or NvmOpcode.DatasetManagement, 1) => BlockOperation.Flush,
        _ => BlockOperation.Read,
    };

    /// <summary>The range to be asked for next: the command's own, or one of its list.</summary>
    private ByteRange RangeOf(in InFlightCommand command, int slot) =>
        command.Opcode == NvmOpcode.DatasetManagement || command is { Opcode: NvmOpcode.Copy, Stage: 0 }
            ? RangesOf(slot).Read<ByteRange>(command.NextRange * ByteRange.Bytes)
            : new ByteRange(command.Offset, command.Length);

    private void Answered(BlockCompletion answer)
    {
        ref InFlightCommand command = ref _table.Value[answer.Slot];
        command.Unanswered--;
        if (answer.Outcome != BlockOutcome.Done && command.Status == NvmeStatus.Success)
        {
            command.Status = StatusOf(answer.Outcome, command);
            command.NextRange = command.RangeCount;
        }

        if (command.Unanswered == 0 && command.NextRange >= command.RangeCount && !_stalled.Contains(answer.Slot))
            EndStage(answer.Slot);
    }

    private static NvmeStatus StatusOf(BlockOutcome outcome, in InFlightCommand command) => outcome switch
    {
        BlockOutcome.NoSpace => NvmeStatus.CapacityExceeded,
        BlockOutcome.NotSupported => NvmeStatus.InternalError,
        _ => command is { Opcode: NvmOpcode.Read or NvmOpcode.Compare or NvmOpcode.Verify } or { Opcode: NvmOpcode.Copy, Stage: 0 }
            ? NvmeStatus.UnrecoveredReadError
            : NvmeStatus.WriteFault,
    };

    private void EndStage(int slot)
    {
        ref InFlightCommand command = ref _table.Value[slot];
        bool goesOn = command is { Stage: 0, Status: NvmeStatus.Success }
            && (command.Opcode == NvmOpcode.Copy
                || command is { Opcode: NvmOpcode.WriteZeroes or NvmOpcode.DatasetManagement, IsDurable: not 0 });
        if (goesOn)
        {
            command.Stage = 1;
            command.RangeCount = 1;
            command.NextRange = 0;
            command.BufferUsed = 0;
            Ask(slot);
            return;
        }

        Leave(slot);
        if (command.IsForgotten)
            _forgotten--;
        if (_mayComplete || command.Queue < 0)
            Complete(slot);
        else
            _ended.Enqueue(slot);
    }

    private void Complete(int slot)
    {
        ref InFlightCommand command = ref _table.Value[slot];
        if (_controller.Queues.Submission(command.Queue) is { } queue)
            _controller.Io.Completed(queue, command, Finish(slot));
        Free(slot);
    }

    /// <summary>The last step, for a host that waits: its data.</summary>
    private NvmeStatus Finish(int slot)
    {
        ref InFlightCommand command = ref _table.Value[slot];
        if (command.Status != NvmeStatus.Success || command.Opcode is not (NvmOpcode.Read or NvmOpcode.Compare))
            return command.Status;
        if (!MapHost(ref command))
            return NvmeStatus.DataTransferError;
        Segment data = _lane.Buffer(slot);
        int at = 0;
        foreach (Segment host in _buffer.Segments)
        {
            Segment ours = data.Slice(at, host.Length);
            if (command.Opcode == NvmOpcode.Read)
                host.Write(0, ours);
            else if (!host.Equals(0, ours))
                return NvmeStatus.CompareFailure;
            at += host.Length;
        }

        return NvmeStatus.Success;
    }

    private void FromHost(int slot)
    {
        Segment data = _lane.Buffer(slot);
        int at = 0;
        foreach (Segment host in _buffer.Segments)
        {
            data.Write(at, host);
            at += host.Length;
        }
    }

    private bool MapHost(ref InFlightCommand command)
    {
        DmaAccess access = command.Opcode == NvmOpcode.Read ? DmaAccess.Write : DmaAccess.Read;
        ReadOnlySpan<ulong> pages = command.Pages;
        return _buffer.TryMap(pages[..command.PageCount], command.FirstLength, (int)command.Length, access);
    }
}
