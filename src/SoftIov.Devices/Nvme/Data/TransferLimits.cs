namespace SoftIov.Devices.Nvme;

/// <summary>How much one command may move.</summary>
internal static class TransferLimits
{
    /// <summary>MDTS: a power of two of memory pages.</summary>
    public const int Mdts = 6;

    /// <summary>The same in bytes.</summary>
    public const int Bytes = 4096 << Mdts;
}
