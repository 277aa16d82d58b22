using System.Buffers.Binary;
using SoftIov.Devices.Nvme.Spec;

namespace SoftIov.Devices.Nvme;

/// <summary>Commands Supported and Effects (NVMe 2.0, 5.16.1.6).</summary>
internal static class CommandEffects
{
    private const uint Supported = 1 << 0;
    private const uint ChangesContent = 1 << 1;
    private const uint ChangesNamespaces = 1 << 2;
    private const uint ChangesInventory = 1 << 3;
    private const uint NeedsAllIdle = 2 << 16;
    private const int IoOffset = 1024;

    private static readonly AdminOpcode[] Plain =
    [
        AdminOpcode.DeleteSubmissionQueue, AdminOpcode.CreateSubmissionQueue, AdminOpcode.GetLogPage, AdminOpcode.DeleteCompletionQueue,
        AdminOpcode.CreateCompletionQueue, AdminOpcode.Identify, AdminOpcode.Abort, AdminOpcode.SetFeatures, AdminOpcode.GetFeatures,
        AdminOpcode.AsyncEventRequest, AdminOpcode.KeepAlive,
    ];

    private static readonly NvmOpcode[] Readers =
        [NvmOpcode.Flush, NvmOpcode.Read, NvmOpcode.Compare, NvmOpcode.Verify, NvmOpcode.ReservationReport,
            NvmOpcode.ReservationRegister, NvmOpcode.ReservationAcquire, NvmOpcode.ReservationRelease];

    private static readonly NvmOpcode[] Writers = [NvmOpcode.Write, NvmOpcode.WriteZeroes, NvmOpcode.DatasetManagement, NvmOpcode.Copy];

    /// <summary>The log page of a controller.</summary>
    public static void Fill(Span<byte> page, bool isSecondary, bool hasShadowDoorbells)
    {
        page.Clear();
        foreach (AdminOpcode opcode in Plain)
            Put(page, (int)opcode, Supported);
        if (hasShadowDoorbells)
            Put(page, (int)AdminOpcode.DoorbellBufferConfig, Supported);
        Put(page, (int)AdminOpcode.FormatNvm, Supported | ChangesContent | ChangesNamespaces | NeedsAllIdle);
        if (!isSecondary)
        {
            Put(page, (int)AdminOpcode.NamespaceManagement, Supported | ChangesInventory);
            Put(page, (int)AdminOpcode.NamespaceAttachment, Supported | ChangesInventory);
            Put(page, (int)AdminOpcode.VirtualizationManagement, Supported);
            Put(page, (int)AdminOpcode.Sanitize, Supported | ChangesContent | NeedsAllIdle);
        }

        foreach (NvmOpcode opcode in Readers)
            Put(page[IoOffset..], (int)opcode, Supported);
        foreach (NvmOpcode opcode in Writers)
            Put(page[IoOffset..], (int)opcode, Supported | ChangesContent);
    }

    private static void Put(Span<byte> page, int opcode, uint effects) =>
        BinaryPrimitives.WriteUInt32LittleEndian(page[(opcode * sizeof(uint))..], effects);
}
