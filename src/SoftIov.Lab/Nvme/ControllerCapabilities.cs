namespace SoftIov.Lab.Nvme;

/// <summary>CAP (NVMe base 2.0, 3.1.3.1).</summary>
/// <param name="Value">All 64 bits.</param>
public readonly record struct ControllerCapabilities(ulong Value)
{
    /// <summary>MQES: entries of the largest I/O queue, not 0-based.</summary>
    public int LargestQueue => (int)(Value & 0xFFFF) + 1;

    /// <summary>CQR: queues must lie in one piece.</summary>
    public bool RequiresContiguousQueues => IsSet(16);

    /// <summary>TO: how long CSTS.RDY may take to follow CC.EN.</summary>
    public TimeSpan Timeout => TimeSpan.FromMilliseconds(500 * Field(24, 8));

    /// <summary>DSTRD, as the distance of doorbells in bytes.</summary>
    public int DoorbellStride => 4 << Field(32, 4);

    /// <summary>NSSRS: NSSR works.</summary>
    public bool HasSubsystemReset => IsSet(36);

    /// <summary>CSS: bit 0 NVM command set, bit 6 one or more I/O command sets, bit 7 admin only.</summary>
    public int CommandSets => Field(37, 8);

    /// <summary>MPSMIN, in bytes.</summary>
    public int SmallestPage => 1 << (12 + Field(48, 4));

    /// <summary>MPSMAX, in bytes.</summary>
    public int LargestPage => 1 << (12 + Field(52, 4));

    private bool IsSet(int bit) => ((Value >> bit) & 1) != 0;

    private int Field(int shift, int bits) => (int)(Value >> shift) & ((1 << bits) - 1);
}
