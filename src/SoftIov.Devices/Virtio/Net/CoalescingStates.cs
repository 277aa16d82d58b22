using System.Runtime.CompilerServices;

namespace SoftIov.Devices.Virtio.Net;

/// <summary>Coalescing parameters by virtqueue index.</summary>
[InlineArray(Length)]
internal struct CoalescingStates
{
    public const int Length = VirtioQueueStates.Count;

    private CoalescingState _first;
}
