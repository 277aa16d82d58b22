namespace SoftIov.Pcie;

/// <summary>One entry of an MSI-X table (PCIe 7.7.2.5).</summary>
internal struct MsixEntry
{
    /// <summary>Bytes of an entry.</summary>
    public const int Size = 16;

    /// <summary>Bit 0 of vector control.</summary>
    public const uint Masked = 1;

    public uint AddressLow;
    public uint AddressHigh;
    public uint Data;
    public uint VectorControl;
}
