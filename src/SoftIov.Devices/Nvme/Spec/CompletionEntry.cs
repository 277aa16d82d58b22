using System.Runtime.InteropServices;

namespace SoftIov.Devices.Nvme.Spec;

/// <summary>A completion queue entry, 16 bytes (NVMe 2.0, figure 89). The last dword is written last: its phase bit publishes the entry.</summary>
[StructLayout(LayoutKind.Explicit, Size = Length)]
internal struct CompletionEntry
{
    /// <summary>Bytes.</summary>
    public const int Length = 16;

    [FieldOffset(0)]
    public uint Result;

    [FieldOffset(4)]
    public uint Result1;

    [FieldOffset(8)]
    public ushort SubmissionHead;

    [FieldOffset(10)]
    public ushort SubmissionQueueId;

    [FieldOffset(12)]
    public ushort CommandId;

    /// <summary>Phase in bit 0, status in the bits above.</summary>
    [FieldOffset(14)]
    public ushort PhaseAndStatus;
}
