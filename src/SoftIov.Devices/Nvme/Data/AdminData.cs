using SoftIov.Devices.Nvme.Spec;
using SoftIov.Memory;

namespace SoftIov.Devices.Nvme;

/// <summary>Small data of commands, moved between the host's buffer and bytes of ours within the poll.</summary>
internal sealed class AdminData(DmaTranslator dma)
{
    private readonly PrpList _list = new(dma);
    private readonly DataBuffer _buffer = new(dma);

    /// <summary>Copies the data of a command out: 1 byte up to the transfer limit.</summary>
    public NvmeStatus Read(in SubmissionEntry command, Span<byte> destination)
    {
        NvmeStatus status = Map(command, destination.Length, DmaAccess.Read);
        if (status == NvmeStatus.Success)
            GuestCopy.Gather(_buffer.Segments, 0, destination);
        return status;
    }

    /// <summary>Copies data to where a command wants them: 1 byte up to the transfer limit.</summary>
    public NvmeStatus Write(in SubmissionEntry command, ReadOnlySpan<byte> source)
    {
        NvmeStatus status = Map(command, source.Length, DmaAccess.Write);
        if (status == NvmeStatus.Success)
            GuestCopy.Scatter(source, _buffer.Segments, 0);
        return status;
    }

    /// <summary>Whether data can be moved to where a command wants them: then <see cref="Write"/> in this poll does.</summary>
    public NvmeStatus Check(in SubmissionEntry command, int length) => Map(command, length, DmaAccess.Write);

    private NvmeStatus Map(in SubmissionEntry command, int length, DmaAccess access)
    {
        NvmeStatus status = _list.Read(command, length);
        if (status != NvmeStatus.Success)
            return status;
        return _buffer.TryMap(_list, length, access) ? NvmeStatus.Success : NvmeStatus.DataTransferError;
    }
}
