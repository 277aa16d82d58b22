using System.Runtime.CompilerServices;

namespace SoftIov.Devices.Nvme;

/// <summary>The admin completion queue and all I/O completion queues a controller can have.</summary>
[InlineArray(QueueLimits.Count)]
internal struct CompletionQueueStates
{
    private CompletionQueueState _first;
}
