namespace SoftIov.Devices.Nvme.Spec;

/// <summary>The CAP register (NVMe 2.0, 3.1.3.1): what every controller here can do.</summary>
internal static class ControllerCapabilities
{
    /// <summary>Entries of the largest queue.</summary>
    public const int MaxQueueEntries = 1024;

    /// <summary>NVMe 1.4.</summary>
    public const uint Version = 0x00010400;

    /// <summary>Memory pages are 4 KiB, and nothing else.</summary>
    public const int PageShift = 12;

    /// <summary>Bytes of a memory page.</summary>
    public const int PageSize = 1 << PageShift;

    private const ulong ContiguousQueues = 1UL << 16;
    private const ulong SubsystemResetSupported = 1UL << 36;
    private const ulong NvmCommandSet = 1UL << 37;

    /// <summary>How long RDY may take: 20 in units of 500 ms. What is in flight may wait for a slow medium.</summary>
    private const ulong Timeout = 20UL << 24;

    /// <summary>The register.</summary>
    public const ulong Value = (MaxQueueEntries - 1) | ContiguousQueues | Timeout | SubsystemResetSupported | NvmCommandSet;
}
