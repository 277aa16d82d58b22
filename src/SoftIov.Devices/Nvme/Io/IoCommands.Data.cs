using System.Buffers.Binary;
using SoftIov.Devices.Nvme.Spec;

namespace SoftIov.Devices.Nvme;

/// <content>Commands that read, write or give back blocks.</content>
internal sealed partial class IoCommands
{
    /// <summary>MSSRL, MCL and MSRC: what one Copy may name.</summary>
    public const int MaxCopyRanges = 128;

    private const uint ForceUnitAccess = 1u << 30;
    private const uint Deallocate = 1u << 25;
    private const int DatasetRangeBytes = 16;
    private const int CopyRangeBytes = 32;
    private const int MaxRanges = 256;

    private readonly ByteRange[] _ranges = new ByteRange[MaxRanges];
    private readonly byte[] _rangeBytes = new byte[MaxRanges * DatasetRangeBytes];

    /// <summary>The first block that a command names, for the error log; 0 when it names none.</summary>
    public static ulong BlockOf(in SubmissionEntry command) => (NvmOpcode)command.Opcode
        is NvmOpcode.Read or NvmOpcode.Write or NvmOpcode.Compare or NvmOpcode.Verify or NvmOpcode.WriteZeroes or NvmOpcode.Copy
            ? command.FirstBlock
            : 0;

    /// <summary>Whether a change is on stable media before it completes: forced so, or for want of a write cache.</summary>
    private bool IsDurable(bool isForced = false) =>
        Store.IsPersistent && (isForced || _controller.State.Features.VolatileWriteCache == 0);

    private CommandResult Move(SubmissionQueue queue, in SubmissionEntry command, Namespace space)
    {
        var opcode = (NvmOpcode)command.Opcode;
        long blocks = (command.Dword12 & ushort.MaxValue) + 1;
        long length = blocks << space.BlockShift;
        bool hasData = opcode is NvmOpcode.Read or NvmOpcode.Write or NvmOpcode.Compare;
        NvmeStatus status = CheckRange(space, command.FirstBlock, blocks);
        if (opcode != NvmOpcode.WriteZeroes && length > TransferLimits.Bytes)
            status = NvmeStatus.InvalidField;
        if (status == NvmeStatus.Success)
            status = CheckAccess(space, isWrite: opcode is NvmOpcode.Write or NvmOpcode.WriteZeroes);
        if (status == NvmeStatus.Success && hasData)
            status = _data.Read(command, (int)length);
        if (status != NvmeStatus.Success)
            return Charged(status);
        IoRequest request = new(queue, command.CommandId, opcode, space, (long)command.FirstBlock << space.BlockShift, length)
        {
            IsDurable = IsDurable((command.Dword12 & ForceUnitAccess) != 0),
            Deallocates = (command.Dword12 & Deallocate) != 0,
        };
        long work = opcode == NvmOpcode.WriteZeroes ? Math.Min(length, MemoryPath.ZeroedAtOnceBytes) : 0;
        return Finished(Charged(_path.Execute(request, _data), hasData ? length : 0, work), opcode, length);
    }

    /// <summary>For reservations a flush is a write; write protection lets it pass.</summary>
    private CommandResult Flush(SubmissionQueue queue, in SubmissionEntry command, Namespace space)
    {
        NvmeStatus status = space.Reservations.CheckWrite(_controller.State.Features.HostId);
        return status == NvmeStatus.Success ? StartFlush(queue, command, space) : status;
    }

    /// <summary>VWC says that all namespaces may be flushed at once; they share one store, so any will do.</summary>
    private CommandResult FlushAll(SubmissionQueue queue, in SubmissionEntry command)
    {
        foreach (Namespace space in _controller.Subsystem.Attached(_controller.Id).All)
            return StartFlush(queue, command, space);
        return CommandResult.Done;
    }

    private CommandResult StartFlush(SubmissionQueue queue, in SubmissionEntry command, Namespace space) =>
        Finished(_path.Execute(new IoRequest(queue, command.CommandId, NvmOpcode.Flush, space, 0, 0), _data), NvmOpcode.Flush, 0);

    private CommandResult ManageDataset(SubmissionQueue queue, in SubmissionEntry command, Namespace space)
    {
        const uint AttributeDeallocate = 1 << 2;
        int count = (int)(command.Dword10 & byte.MaxValue) + 1;
        NvmeStatus status = ReadRanges(command, count * DatasetRangeBytes);
        if (status != NvmeStatus.Success || (command.Dword11 & AttributeDeallocate) == 0)
            return Charged(status);
        status = CheckAccess(space, isWrite: true);
        int used = 0;
        for (int i = 0; i < count && status == NvmeStatus.Success; i++)
        {
            ReadOnlySpan<byte> range = _rangeBytes.AsSpan(i * DatasetRangeBytes);
            uint blocks = BinaryPrimitives.ReadUInt32LittleEndian(range[4..]);
            ulong first = BinaryPrimitives.ReadUInt64LittleEndian(range[8..]);
            status = CheckRange(space, first, blocks);
            if (status == NvmeStatus.Success && blocks != 0)
                _ranges[used++] = new ByteRange((long)first << space.BlockShift, (long)blocks << space.BlockShift);
        }

        if (status != NvmeStatus.Success || used == 0)
            return Charged(status);
        IoRequest request = new(queue, command.CommandId, NvmOpcode.DatasetManagement, space, 0, 0)
        {
            IsDurable = IsDurable(),
        };
        CommandResult result = _path.Execute(request, _ranges.AsSpan(0, used));
        return Finished(Charged(result, work: used * StoreShare.LeastBytes), NvmOpcode.DatasetManagement, 0);
    }

    private CommandResult Copy(SubmissionQueue queue, in SubmissionEntry command, Namespace space)
    {
        int count = (int)(command.Dword12 & byte.MaxValue) + 1;
        bool isFormatKnown = (command.Dword12 >> 8 & 0xf) == 0;
        NvmeStatus status = !isFormatKnown ? NvmeStatus.InvalidField
            : count > MaxCopyRanges ? NvmeStatus.CommandSizeLimitExceeded
            : ReadRanges(command, count * CopyRangeBytes);
        long total = 0;
        for (int i = 0; i < count && status == NvmeStatus.Success; i++)
        {
            ReadOnlySpan<byte> range = _rangeBytes.AsSpan(i * CopyRangeBytes);
            ulong first = BinaryPrimitives.ReadUInt64LittleEndian(range[8..]);
            long blocks = BinaryPrimitives.ReadUInt16LittleEndian(range[16..]) + 1;
            status = CheckRange(space, first, blocks);
            _ranges[i] = new ByteRange((long)first << space.BlockShift, blocks << space.BlockShift);
            total += blocks;
        }

        if (status == NvmeStatus.Success && total << space.BlockShift > TransferLimits.Bytes)
            status = NvmeStatus.CommandSizeLimitExceeded;
        if (status == NvmeStatus.Success)
            status = CheckRange(space, command.FirstBlock, total);
        if (status == NvmeStatus.Success)
            status = CheckAccess(space, isWrite: true);
        if (status != NvmeStatus.Success)
            return Charged(status);
        long length = total << space.BlockShift;
        IoRequest request = new(queue, command.CommandId, NvmOpcode.Copy, space, (long)command.FirstBlock << space.BlockShift, length)
        {
            IsDurable = IsDurable((command.Dword12 & ForceUnitAccess) != 0),
        };
        return Finished(Charged(_path.Execute(request, _ranges.AsSpan(0, count)), length), NvmOpcode.Copy, length);
    }

    /// <summary>Copies a command's ranges out: at most a page.</summary>
    private NvmeStatus ReadRanges(in SubmissionEntry command, int length) => _small.Read(command, _rangeBytes.AsSpan(0, length));

    private static NvmeStatus CheckRange(Namespace space, ulong first, long blocks) =>
        first > space.BlockCount || (ulong)blocks > space.BlockCount - first ? NvmeStatus.LbaOutOfRange : NvmeStatus.Success;

    private NvmeStatus CheckAccess(Namespace space, bool isWrite)
    {
        HostId host = _controller.State.Features.HostId;
        return isWrite ? space.CheckWrite(host) : space.CheckRead(host);
    }

    private CommandResult Finished(CommandResult result, NvmOpcode opcode, long bytes)
    {
        if (!result.IsPending && result.Status == NvmeStatus.Success)
            Count(opcode, bytes);
        return result;
    }
}
