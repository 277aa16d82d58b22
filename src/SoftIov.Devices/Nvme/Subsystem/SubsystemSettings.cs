namespace SoftIov.Devices.Nvme;

/// <summary>What an operator decides about an NVM subsystem before it exists. Constant for its life.</summary>
public sealed record SubsystemSettings
{
    /// <summary>Largest <see cref="MaxNamespaces"/>.</summary>
    public const int MostNamespaces = 256;

    /// <summary>Largest <see cref="TotalVfs"/>: entries of a secondary controller list.</summary>
    public const int MostVfs = 127;

    /// <summary>For logs and errors, for example disk0.</summary>
    public required string Name { get; init; }

    /// <summary>Tells this subsystem from all others, for ever: its NQN is made of it.</summary>
    public required Guid Uuid { get; init; }

    /// <summary>Serial number (SN), at most 20 printable ASCII characters.</summary>
    public required string SerialNumber { get; init; }

    /// <summary>VFs, each with a secondary controller, 0..127.</summary>
    public int TotalVfs { get; init; }

    /// <summary>Largest namespace identifier (NN), 1..256. Some Windows show a disk for each.</summary>
    public int MaxNamespaces { get; init; } = 32;

    /// <summary>How secondary controllers come to life.</summary>
    public VfMode VfMode { get; init; }

    /// <summary>
    /// True when secondary controllers stay as they are while the primary one is disabled by CC.EN. NVMe has them all go offline, and with them the
    /// disks of all virtual machines whenever the PF's driver is loaded again.
    /// </summary>
    public bool PrimaryResetKeepsSecondaries { get; init; } = true;

    /// <summary>Queue pairs that are the primary controller's own, with its admin queue, at least 2.</summary>
    public int PrimaryQueues { get; init; } = 17;

    /// <summary>Interrupts that are the primary controller's own, at least 1.</summary>
    public int PrimaryInterrupts { get; init; } = 17;

    /// <summary>
    /// Queue pairs of a secondary controller, with its admin queue, at least 2: what each has when <see cref="VfMode.Auto"/>, else the most
    /// one may get.
    /// </summary>
    public int VfQueues { get; init; } = 9;

    /// <summary>Interrupts of a secondary controller, at least 1: what each has or may get, as above.</summary>
    public int VfInterrupts { get; init; } = 9;

    /// <summary>Queue pairs to assign when <see cref="VfMode.Managed"/>.</summary>
    public int FlexibleQueues { get; init; }

    /// <summary>Interrupts to assign when <see cref="VfMode.Managed"/>.</summary>
    public int FlexibleInterrupts { get; init; }

    /// <summary>NVMe qualified name of the subsystem.</summary>
    public string Nqn => $"nqn.2014-08.org.nvmexpress:uuid:{Uuid:D}";

    /// <summary>Throws an <see cref="ArgumentException"/> that names the first value out of its range.</summary>
    internal void Validate()
    {
        ArgumentException.ThrowIfNullOrEmpty(Name);
        ArgumentException.ThrowIfNullOrEmpty(SerialNumber);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(SerialNumber.Length, 20);
        ArgumentOutOfRangeException.ThrowIfEqual(Uuid, Guid.Empty);
        Require(TotalVfs, 0, MostVfs, nameof(TotalVfs));
        Require(MaxNamespaces, 1, MostNamespaces, nameof(MaxNamespaces));
        Require(PrimaryQueues, 2, ushort.MaxValue, nameof(PrimaryQueues));
        Require(PrimaryInterrupts, 1, ushort.MaxValue, nameof(PrimaryInterrupts));
        Require(VfQueues, 2, ushort.MaxValue, nameof(VfQueues));
        Require(VfInterrupts, 1, ushort.MaxValue, nameof(VfInterrupts));
        Require(FlexibleQueues, 0, ushort.MaxValue, nameof(FlexibleQueues));
        Require(FlexibleInterrupts, 0, ushort.MaxValue, nameof(FlexibleInterrupts));
    }

    private static void Require(int value, int least, int most, string name)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(value, least, name);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(value, most, name);
    }
}
