using System.Runtime.CompilerServices;

namespace SoftIov.Devices.Nvme;

/// <summary>The admin submission queue and all I/O submission queues a controller can have.</summary>
[InlineArray(QueueLimits.Count)]
internal struct SubmissionQueueStates
{
    private SubmissionQueueState _first;
}
