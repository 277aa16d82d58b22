using System.Runtime.InteropServices;

namespace SoftIov.Devices.Nvme;

/// <summary>
/// All of a controller that a reset clears (decision D7): registers, features, queue cursors. A function reset assigns the value at
/// power-on; a controller reset (CC.EN to 0) leaves what NVMe 2.0, 3.7.2 says.
/// </summary>
[StructLayout(LayoutKind.Sequential)]
internal struct ControllerState
{
    /// <summary>CC.</summary>
    public uint Configuration;

    /// <summary>CSTS, without what being offline adds.</summary>
    public uint Status;

    /// <summary>AQA.</summary>
    public uint AdminQueueAttributes;

    /// <summary>Vectors masked by INTMS and INTMC.</summary>
    public uint InterruptMask;

    /// <summary>ASQ.</summary>
    public ulong AdminSubmissionQueue;

    /// <summary>ACQ.</summary>
    public ulong AdminCompletionQueue;

    /// <summary>IOVA of the shadow doorbell page, 0 while not in use.</summary>
    public ulong ShadowDoorbells;

    /// <summary>IOVA of the event index page.</summary>
    public ulong EventIndexes;

    /// <summary>A <see cref="ControllerPhase"/>.</summary>
    public int Phase;

    /// <summary>Submission queues.</summary>
    public SubmissionQueueStates Submissions;

    /// <summary>Completion queues.</summary>
    public CompletionQueueStates Completions;

    /// <summary>What Set Features set.</summary>
    public FeatureState Features;
}
