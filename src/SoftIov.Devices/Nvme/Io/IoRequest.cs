using SoftIov.Devices.Nvme.Spec;

namespace SoftIov.Devices.Nvme;

/// <summary>An I/O command that was found valid: what to do with which bytes of which namespace.</summary>
/// <param name="Queue">Where it came from and completes.</param>
/// <param name="CommandId">Its identifier there.</param>
/// <param name="Opcode">What to do.</param>
/// <param name="Namespace">Where.</param>
/// <param name="Offset">First byte in the namespace.</param>
/// <param name="Length">Bytes.</param>
/// <param name="IsDurable">On stable media before it completes (FUA, or no write cache).</param>
/// <param name="Deallocates">Write Zeroes may give the space back (DEAC).</param>
internal readonly record struct IoRequest(
    SubmissionQueue Queue,
    ushort CommandId,
    NvmOpcode Opcode,
    Namespace Namespace,
    long Offset,
    long Length,
    bool IsDurable = false,
    bool Deallocates = false);
