namespace SoftIov.Pcie;

/// <summary>Bits of the Status register (PCIe 7.5.1.1.4).</summary>
internal static class StatusBits
{
    public const ushort Interrupt = 1 << 3;
    public const ushort CapabilitiesList = 1 << 4;
    public const ushort MasterDataParityError = 1 << 8;
    public const ushort SignaledTargetAbort = 1 << 11;
    public const ushort ReceivedTargetAbort = 1 << 12;
    public const ushort ReceivedMasterAbort = 1 << 13;
    public const ushort SignaledSystemError = 1 << 14;

    /// <summary>What bit 14 means in the Secondary Status of a bridge.</summary>
    public const ushort ReceivedSystemError = SignaledSystemError;

    public const ushort DetectedParityError = 1 << 15;

    /// <summary>The bits that software clears by writing 1.</summary>
    public const ushort Errors = MasterDataParityError | SignaledTargetAbort | ReceivedTargetAbort | ReceivedMasterAbort
        | SignaledSystemError | DetectedParityError;
}
