using SoftIov.Lab.Pci;

namespace SoftIov.Lab.Nvme;

/// <summary>How a driver uses its controller.</summary>
public sealed record NvmeOptions
{
    /// <summary>Entries of the admin queues, from 2 up.</summary>
    public int AdminQueueSize { get; init; } = 32;

    /// <summary>CC.MPS, in bytes.</summary>
    public int Page { get; init; } = 4096;

    /// <summary>Pages of PRP lists that each command has.</summary>
    public int ListPages { get; init; } = 1;

    /// <summary>Bytes that a command waited for can carry.</summary>
    public int DataLength { get; init; } = 64 * 1024;

    /// <summary>Whether completion queues have interrupts, where the function has MSI-X; else they are polled.</summary>
    public bool Interrupts { get; init; } = true;

    /// <summary>How long a command or a change of state may take.</summary>
    public TimeSpan Timeout { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>Another way to the doorbells than posted writes to the BAR; is told their distance in bytes.</summary>
    public Func<IPciDevice, int, IDoorbells>? Doorbells { get; init; }

    /// <summary>Makes a device go on that has no thread of its own; called again and again while the driver waits.</summary>
    public Action? WhileWaiting { get; init; }
}
