namespace SoftIov.Pcie;

/// <summary>How interrupts of an adapter's functions reach the kernel that has it whole.</summary>
public enum WholeInterrupts
{
    /// <summary>
    /// As the functions' own messages, written to the kernel's interrupt controller; the endpoint has no MSI-X and can be unplugged. Linux 5.13
    /// and newer.
    /// </summary>
    Messages,

    /// <summary>
    /// By vectors of the endpoint, which functions share: what their messages name is a vector. For kernels that know nothing else.
    /// </summary>
    Remapped,
}
