namespace SoftIov.Pcie;

/// <summary>The constant face of a personality in configuration space.</summary>
public sealed record PersonalityDescription
{
    /// <summary>Vendor ID.</summary>
    public required ushort VendorId { get; init; }

    /// <summary>Device ID of the PF, and of a VF in its assigned view.</summary>
    public required ushort DeviceId { get; init; }

    /// <summary>Revision ID.</summary>
    public byte RevisionId { get; init; }

    /// <summary>Class code: base class, sub-class, programming interface in bits 23:0.</summary>
    public required int ClassCode { get; init; }

    /// <summary>Subsystem vendor ID.</summary>
    public required ushort SubsystemVendorId { get; init; }

    /// <summary>Subsystem ID.</summary>
    public required ushort SubsystemId { get; init; }

    /// <summary>BARs 0..5; a 64-bit BAR is followed by an entry of kind None.</summary>
    public required IReadOnlyList<BarDescription> Bars { get; init; }

    /// <summary>MSI vectors: a power of two up to 32, 0 for no MSI capability. A function may have MSI-X as well; its driver enables one.</summary>
    public int MsiVectorCount { get; init; }

    /// <summary>MSI-X vectors, 0 for none (then MSI, or INTx when <see cref="InterruptPin"/> is set).</summary>
    public int MsixVectorCount { get; init; }

    /// <summary>BAR that holds the MSI-X table and PBA, in pages of their own.</summary>
    public int MsixBar { get; init; }

    /// <summary>Offset of the table in that BAR; the PBA follows in a page of its own.</summary>
    public uint MsixTableOffset { get; init; }

    /// <summary>Offset of the PBA in that BAR.</summary>
    public uint MsixPbaOffset { get; init; }

    /// <summary>Pages of a BAR that a client may map; null for none. All other accesses are messages.</summary>
    public SharedBarMemory? Shared { get; init; }

    /// <summary>1 for INTA, 0 for none. A VF in fabric view never has one.</summary>
    public byte InterruptPin { get; init; }

    /// <summary>Vendor-specific capabilities (ID 09h), in list order.</summary>
    public IReadOnlyList<IVendorCapability> VendorCapabilities { get; init; } = [];
}
