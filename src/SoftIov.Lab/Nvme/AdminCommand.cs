namespace SoftIov.Lab.Nvme;

/// <summary>Admin commands as submission entries, without their data pointers where those are buffers (NVMe base 2.0, 5).</summary>
public static class AdminCommand
{
    private const uint Contiguous = 1;
    private const uint InterruptsEnabled = 2;

    /// <summary>Identify: CNS, and what it asks about.</summary>
    public static SubmissionEntry Identify(IdentifyCns cns, uint namespaceId = 0, ushort controllerId = 0, byte commandSet = 0) =>
        Of(AdminOpcode.Identify, namespaceId) with { Dword10 = Pair((byte)cns, controllerId), Dword11 = (uint)commandSet << 24 };

    /// <summary>Get Log Page: <paramref name="length"/> bytes, a multiple of 4, from <paramref name="offset"/>. Retaining keeps the event.</summary>
    public static SubmissionEntry GetLogPage(byte page, int length, ulong offset = 0, bool retains = false, uint namespaceId = 0)
    {
        uint dwords = ((uint)length / sizeof(uint)) - 1;
        return Of(AdminOpcode.GetLogPage, namespaceId) with
        {
            Dword10 = Pair((ushort)(page | (retains ? 1 << 15 : 0)), (ushort)dwords),
            Dword11 = dwords >> 16,
            Dword12 = (uint)offset,
            Dword13 = (uint)(offset >> 32),
        };
    }

    /// <summary>Set Features with CDW11.</summary>
    public static SubmissionEntry SetFeatures(byte feature, uint value, bool saves = false, uint namespaceId = 0) =>
        Of(AdminOpcode.SetFeatures, namespaceId) with { Dword10 = feature | (saves ? 1u << 31 : 0), Dword11 = value };

    /// <summary>Get Features: 0 current, 1 default, 2 saved, 3 capabilities.</summary>
    public static SubmissionEntry GetFeatures(byte feature, int select = 0, uint value = 0, uint namespaceId = 0) =>
        Of(AdminOpcode.GetFeatures, namespaceId) with { Dword10 = feature | ((uint)select << 8), Dword11 = value };

    /// <summary>Create I/O Completion Queue in one piece at <paramref name="address"/>.</summary>
    public static SubmissionEntry CreateCompletionQueue(int id, int size, ulong address, int vector, bool interrupts) =>
        Of(AdminOpcode.CreateCompletionQueue) with
        {
            Prp1 = address,
            Dword10 = Pair((ushort)id, (ushort)(size - 1)),
            Dword11 = Pair((ushort)(Contiguous | (interrupts ? InterruptsEnabled : 0)), (ushort)vector),
        };

    /// <summary>Create I/O Submission Queue in one piece at <paramref name="address"/>.</summary>
    public static SubmissionEntry CreateSubmissionQueue(int id, int size, ulong address, int completionQueue, int priority = 0) =>
        Of(AdminOpcode.CreateSubmissionQueue) with
        {
            Prp1 = address,
            Dword10 = Pair((ushort)id, (ushort)(size - 1)),
            Dword11 = Pair((ushort)(Contiguous | ((uint)priority << 1)), (ushort)completionQueue),
        };

    /// <summary>Delete I/O Completion Queue.</summary>
    public static SubmissionEntry DeleteCompletionQueue(int id) => Of(AdminOpcode.DeleteCompletionQueue) with { Dword10 = (uint)id };

    /// <summary>Delete I/O Submission Queue.</summary>
    public static SubmissionEntry DeleteSubmissionQueue(int id) => Of(AdminOpcode.DeleteSubmissionQueue) with { Dword10 = (uint)id };

    /// <summary>Abort.</summary>
    public static SubmissionEntry Abort(int submissionQueue, ushort commandId) =>
        Of(AdminOpcode.Abort) with { Dword10 = Pair((ushort)submissionQueue, commandId) };

    /// <summary>Asynchronous Event Request.</summary>
    public static SubmissionEntry AsyncEventRequest() => Of(AdminOpcode.AsyncEventRequest);

    /// <summary>Keep Alive.</summary>
    public static SubmissionEntry KeepAlive() => Of(AdminOpcode.KeepAlive);

    /// <summary>Namespace Management: 0 create, 1 delete.</summary>
    public static SubmissionEntry NamespaceManagement(int select, uint namespaceId = 0) =>
        Of(AdminOpcode.NamespaceManagement, namespaceId) with { Dword10 = (uint)select };

    /// <summary>Namespace Attachment: 0 attach, 1 detach.</summary>
    public static SubmissionEntry NamespaceAttachment(int select, uint namespaceId) =>
        Of(AdminOpcode.NamespaceAttachment, namespaceId) with { Dword10 = (uint)select };

    /// <summary>Virtualization Management.</summary>
    public static SubmissionEntry VirtualizationManagement(VirtualizationAction action, ushort controllerId, ResourceType type = 0, int count = 0) =>
        Of(AdminOpcode.VirtualizationManagement) with
        {
            Dword10 = Pair((ushort)((uint)action | ((uint)type << 8)), controllerId),
            Dword11 = (ushort)count,
        };

    /// <summary>Doorbell Buffer Config.</summary>
    public static SubmissionEntry DoorbellBufferConfig(ulong shadows, ulong eventIndexes) =>
        Of(AdminOpcode.DoorbellBufferConfig) with { Prp1 = shadows, Prp2 = eventIndexes };

    /// <summary>Format NVM with LBA format <paramref name="format"/>; secure erase 0 none, 1 user data, 2 cryptographic.</summary>
    public static SubmissionEntry FormatNvm(uint namespaceId, int format, int secureErase = 0) => Of(AdminOpcode.FormatNvm, namespaceId) with
    {
        Dword10 = ((uint)format & 0xF) | ((uint)secureErase << 9) | (((uint)format >> 4) << 12),
    };

    /// <summary>Sanitize: 1 exit failure mode, 2 block erase, 3 overwrite, 4 crypto erase.</summary>
    public static SubmissionEntry Sanitize(int action, uint pattern = 0) => Of(AdminOpcode.Sanitize) with
    {
        Dword10 = (uint)action,
        Dword11 = pattern,
    };

    private static SubmissionEntry Of(AdminOpcode opcode, uint namespaceId = 0) => new() { Opcode = (byte)opcode, NamespaceId = namespaceId };

    private static uint Pair(ushort low, ushort high) => low | ((uint)high << 16);
}
