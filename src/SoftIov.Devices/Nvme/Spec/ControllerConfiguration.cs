namespace SoftIov.Devices.Nvme.Spec;

/// <summary>The CC register (NVMe 2.0, 3.1.3.5), as a copy.</summary>
internal readonly record struct ControllerConfiguration(uint Value)
{
    /// <summary>Bits that keep what is written: CRIME needs CAP.CRMS and is not among them.</summary>
    public const uint WritableBits = 0x00fffff1;

    private const uint EnableBit = 1;

    /// <summary>EN.</summary>
    public bool IsEnabled => (Value & EnableBit) != 0;

    /// <summary>CSS: 0 is the NVM command set.</summary>
    public int CommandSet => (int)(Value >> 4) & 7;

    /// <summary>Bytes of a memory page.</summary>
    public int PageShift => 12 + ((int)(Value >> 7) & 0xf);

    /// <summary>AMS: 0 is round robin.</summary>
    public int Arbitration => (int)(Value >> 11) & 7;

    /// <summary>SHN: 1 normal, 2 abrupt.</summary>
    public int ShutdownNotification => (int)(Value >> 14) & 3;

    /// <summary>IOSQES: entry size as a power of two.</summary>
    public int SubmissionEntryShift => (int)(Value >> 16) & 0xf;

    /// <summary>IOCQES: entry size as a power of two.</summary>
    public int CompletionEntryShift => (int)(Value >> 20) & 0xf;
}
