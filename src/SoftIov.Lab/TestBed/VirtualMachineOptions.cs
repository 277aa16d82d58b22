namespace SoftIov.Lab.TestBed;

/// <summary>What a virtual machine is made of.</summary>
public sealed record VirtualMachineOptions
{
    /// <summary>Name for messages.</summary>
    public string Name { get; init; } = "vm";

    /// <summary>The kernel to boot; it must be one of those the bed was prepared with.</summary>
    public GuestKernel Kernel { get; init; } = GuestKernel.Stable;

    /// <summary>Virtual CPUs.</summary>
    public int Cpus { get; init; } = 1;

    /// <summary>Memory, in MiB; 192 is the least that boots.</summary>
    public int MemoryMegabytes { get; init; } = 256;

    /// <summary>Whether memory is a shared memfd, which vfio-user servers map; without, they move every byte by message.</summary>
    public bool SharedMemory { get; init; } = true;

    /// <summary>Functions it has from the start, each behind a root port of its own.</summary>
    public IReadOnlyList<VfioUserDevice> Devices { get; init; } = [];

    /// <summary>Free root ports for hot-plug.</summary>
    public int SparePorts { get; init; } = 2;

    /// <summary>Whether it has an IOMMU, with interrupt remapping, which the guest uses.</summary>
    public bool Iommu { get; init; }

    /// <summary>
    /// Block device whose ext4 file system the guest takes as its root before it takes commands, such as /dev/nvme0n1; null stays in memory.
    /// </summary>
    public string? RootDevice { get; init; }

    /// <summary>
    /// A firmware that boots what it finds on disks and networks; the bed's kernel is on one of those or nowhere. With null QEMU's own starts the
    /// bed's kernel.
    /// </summary>
    public UefiFirmware? Firmware { get; init; }

    /// <summary>Whether a guest of the bed comes up, which takes commands. Without, the machine is there as soon as QEMU is.</summary>
    public bool HasGuest { get; init; } = true;

    /// <summary>Waits for a machine that moves here (<see cref="VirtualMachine.MigrateToAsync"/>) and boots nothing itself.</summary>
    public bool IsIncoming { get; init; }

    /// <summary>More for the kernel's command line.</summary>
    public string KernelArguments { get; init; } = "";

    /// <summary>More arguments for QEMU.</summary>
    public IReadOnlyList<string> QemuArguments { get; init; } = [];
}
