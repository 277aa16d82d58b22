using System.Runtime.InteropServices;

namespace SoftIov.Lab.Nvme;

/// <summary>A completion as it lies in its queue (NVMe base 2.0, 3.3.3.2).</summary>
/// <param name="Result">DW0, command specific.</param>
/// <param name="Dword1">DW1, command specific or reserved.</param>
/// <param name="SubmissionHead">SQHD.</param>
/// <param name="SubmissionQueueId">SQID.</param>
/// <param name="CommandId">CID.</param>
/// <param name="StatusAndPhase">Phase tag in bit 0, status above.</param>
[StructLayout(LayoutKind.Sequential, Size = Size)]
public readonly record struct CompletionEntry(
    uint Result, uint Dword1, ushort SubmissionHead, ushort SubmissionQueueId, ushort CommandId, ushort StatusAndPhase)
{
    /// <summary>Bytes.</summary>
    public const int Size = 16;

    /// <summary>P.</summary>
    public bool Phase => (StatusAndPhase & 1) != 0;

    /// <summary>Status without the phase tag.</summary>
    public NvmeStatus Status => new((ushort)(StatusAndPhase >> 1));

    /// <summary>Itself when the command succeeded; else throws a <see cref="NvmeException"/>.</summary>
    public CompletionEntry Check(string what) => Status.IsSuccess ? this : throw new NvmeException(what, Status);
}
