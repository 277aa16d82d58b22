using SoftIov.Pcie;

namespace SoftIov.Devices.Nvme;

/// <summary>BAR 0 of every controller: registers, doorbells, MSI-X table and PBA, a page each.</summary>
internal static class NvmeBar
{
    /// <summary>BAR register.</summary>
    public const int Index = 0;

    /// <summary>Bytes, a power of two.</summary>
    public const ulong Size = 0x4000;

    /// <summary>First doorbell (CAP.DSTRD is 0).</summary>
    public const uint Doorbells = 0x1000;

    /// <summary>A page, more than the queues need.</summary>
    public const uint DoorbellBytes = 0x1000;

    /// <summary>MSI-X table.</summary>
    public const uint MsixTable = 0x2000;

    /// <summary>MSI-X PBA.</summary>
    public const uint MsixPba = 0x3000;

    /// <summary>The page that a client may map.</summary>
    public static SharedBarMemory SharedDoorbells => new(Index, Doorbells, (int)DoorbellBytes);
}
