namespace SoftIov.Lab.Nvme;

/// <summary>I/O commands of the NVM command set as submission entries, without their data pointers (NVM command set 1.0, 3.2).</summary>
public static class NvmCommand
{
    /// <summary>FUA, in CDW12.</summary>
    public const uint ForceUnitAccess = 1u << 30;

    /// <summary>LR, in CDW12.</summary>
    public const uint LimitedRetry = 1u << 31;

    /// <summary>DEAC of Write Zeroes, in CDW12.</summary>
    public const uint Deallocates = 1u << 25;

    private const uint DeallocateRanges = 1 << 2;

    /// <summary>Read; <paramref name="flags"/> are bits of CDW12.</summary>
    public static SubmissionEntry Read(uint namespaceId, ulong lba, int blocks, uint flags = 0) =>
        OfBlocks(NvmOpcode.Read, namespaceId, lba, blocks, flags);

    /// <summary>Write.</summary>
    public static SubmissionEntry Write(uint namespaceId, ulong lba, int blocks, uint flags = 0) =>
        OfBlocks(NvmOpcode.Write, namespaceId, lba, blocks, flags);

    /// <summary>Compare.</summary>
    public static SubmissionEntry Compare(uint namespaceId, ulong lba, int blocks) => OfBlocks(NvmOpcode.Compare, namespaceId, lba, blocks, 0);

    /// <summary>Verify.</summary>
    public static SubmissionEntry Verify(uint namespaceId, ulong lba, int blocks) => OfBlocks(NvmOpcode.Verify, namespaceId, lba, blocks, 0);

    /// <summary>Write Zeroes.</summary>
    public static SubmissionEntry WriteZeroes(uint namespaceId, ulong lba, int blocks, bool deallocates = false) =>
        OfBlocks(NvmOpcode.WriteZeroes, namespaceId, lba, blocks, deallocates ? Deallocates : 0);

    /// <summary>Write Uncorrectable.</summary>
    public static SubmissionEntry WriteUncorrectable(uint namespaceId, ulong lba, int blocks) =>
        OfBlocks(NvmOpcode.WriteUncorrectable, namespaceId, lba, blocks, 0);

    /// <summary>Flush.</summary>
    public static SubmissionEntry Flush(uint namespaceId) => Of(NvmOpcode.Flush, namespaceId);

    /// <summary>Dataset Management of 1..256 <see cref="BlockRange"/>s, to deallocate them.</summary>
    public static SubmissionEntry Deallocate(uint namespaceId, int ranges) =>
        Of(NvmOpcode.DatasetManagement, namespaceId) with { Dword10 = (byte)(ranges - 1), Dword11 = DeallocateRanges };

    /// <summary>Copy of 1..256 <see cref="CopyRange"/>s, descriptor format 0.</summary>
    public static SubmissionEntry Copy(uint namespaceId, ulong destination, int ranges) => Of(NvmOpcode.Copy, namespaceId) with
    {
        Dword10 = (uint)destination,
        Dword11 = (uint)(destination >> 32),
        Dword12 = (byte)(ranges - 1),
    };

    /// <summary>Reservation Register: 0 register, 1 unregister, 2 replace; persistence 0 no change, 2 off, 3 on. Data: both keys.</summary>
    public static SubmissionEntry ReservationRegister(uint namespaceId, int action, bool ignoresKey = false, int persistence = 0) =>
        OfReservation(NvmOpcode.ReservationRegister, namespaceId, action, ignoresKey, (uint)persistence << 30);

    /// <summary>Reservation Acquire: 0 acquire, 1 preempt, 2 preempt and abort. Data: both keys.</summary>
    public static SubmissionEntry ReservationAcquire(uint namespaceId, int action, ReservationType type, bool ignoresKey = false) =>
        OfReservation(NvmOpcode.ReservationAcquire, namespaceId, action, ignoresKey, (uint)type << 8);

    /// <summary>Reservation Release: 0 release, 1 clear. Data: the key.</summary>
    public static SubmissionEntry ReservationRelease(uint namespaceId, int action, ReservationType type, bool ignoresKey = false) =>
        OfReservation(NvmOpcode.ReservationRelease, namespaceId, action, ignoresKey, (uint)type << 8);

    /// <summary>Reservation Report of <paramref name="length"/> bytes; extended ones have host identifiers of 16 bytes.</summary>
    public static SubmissionEntry ReservationReport(uint namespaceId, int length, bool isExtended) =>
        Of(NvmOpcode.ReservationReport, namespaceId) with { Dword10 = ((uint)length / sizeof(uint)) - 1, Dword11 = isExtended ? 1u : 0 };

    private static SubmissionEntry OfReservation(NvmOpcode opcode, uint namespaceId, int action, bool ignoresKey, uint more) =>
        Of(opcode, namespaceId) with { Dword10 = (uint)action | (ignoresKey ? 1u << 3 : 0) | more };

    private static SubmissionEntry OfBlocks(NvmOpcode opcode, uint namespaceId, ulong lba, int blocks, uint flags) => Of(opcode, namespaceId) with
    {
        Dword10 = (uint)lba,
        Dword11 = (uint)(lba >> 32),
        Dword12 = (ushort)(blocks - 1) | flags,
    };

    private static SubmissionEntry Of(NvmOpcode opcode, uint namespaceId) => new() { Opcode = (byte)opcode, NamespaceId = namespaceId };
}
