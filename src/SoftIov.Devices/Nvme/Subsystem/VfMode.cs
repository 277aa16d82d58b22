namespace SoftIov.Devices.Nvme;

/// <summary>How secondary controllers come to queues, interrupts and life.</summary>
public enum VfMode
{
    /// <summary>Each has its own, and is online as soon as its VF is enabled.</summary>
    Auto,

    /// <summary>As NVMe 1.4, 8.5 has it: offline with nothing until the primary controller's host assigns some and sets it online.</summary>
    Managed,
}
