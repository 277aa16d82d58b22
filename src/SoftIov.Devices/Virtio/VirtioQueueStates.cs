using System.Runtime.CompilerServices;

namespace SoftIov.Devices.Virtio;

/// <summary>Every queue a function can have: pairs, the control queue, and one slot that is kept for an admin queue.</summary>
[InlineArray(Count)]
internal struct VirtioQueueStates
{
    /// <summary>16 pairs, control, admin.</summary>
    public const int Count = 34;

    private VirtioQueueState _first;
}
