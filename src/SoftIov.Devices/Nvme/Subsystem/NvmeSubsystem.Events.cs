using System.Buffers.Binary;
using SoftIov.Devices.Nvme.Spec;

namespace SoftIov.Devices.Nvme;

/// <summary>Events that are remembered (NVMe 1.4, 5.14.1.13.1).</summary>
public sealed partial class NvmeSubsystem
{
    /// <summary>What the primary controller's host may read as log page 0Dh.</summary>
    internal PersistentEventLog PersistentEvents { get; }

    /// <summary>A controller is reset: the event, and its clock begins anew.</summary>
    internal void RecordReset(ushort controller)
    {
        Span<byte> data = stackalloc byte[44];
        data.Clear();
        FirmwareRevision.Text.CopyTo(data);

        // The list has one entry: this controller, no firmware activated, nothing under way.
        BinaryPrimitives.WriteUInt16LittleEndian(data[8..], controller);
        BinaryPrimitives.WriteInt64LittleEndian(data[28..], (long)PersistentEvents.PoweredOn.TotalMilliseconds);
        BinaryPrimitives.WriteUInt64LittleEndian(data[36..], PersistentEvents.Timestamp(controller));
        PersistentEvents.Add(controller, PersistentEventType.PowerOnOrReset, data);
        PersistentEvents.ResetClock(controller);
    }

    /// <summary>A host set its controller's timestamp.</summary>
    internal void RecordTimestamp(ushort controller, ulong milliseconds)
    {
        Span<byte> data = stackalloc byte[16];
        BinaryPrimitives.WriteUInt64LittleEndian(data, PersistentEvents.Timestamp(controller));
        TimeSpan sinceReset = PersistentEvents.SetClock(controller, milliseconds);
        BinaryPrimitives.WriteInt64LittleEndian(data[8..], (long)sinceReset.TotalMilliseconds);
        PersistentEvents.Add(controller, PersistentEventType.TimestampChange, data);
    }

    private void RecordFormatStart(ushort controller, uint id, uint dword10)
    {
        Span<byte> data = stackalloc byte[12];
        data.Clear();
        BinaryPrimitives.WriteUInt32LittleEndian(data, id);
        data[4] = FormatAttributes;
        BinaryPrimitives.WriteUInt32LittleEndian(data[8..], dword10);
        PersistentEvents.Add(controller, PersistentEventType.FormatStart, data);
    }

    /// <summary>There is no progress indicator (FPI), so the smallest is 0.</summary>
    private void RecordFormatCompletion(ushort controller, uint id, NvmeStatus status)
    {
        const byte FailedAndIncomplete = 3;
        Span<byte> data = stackalloc byte[12];
        data.Clear();
        BinaryPrimitives.WriteUInt32LittleEndian(data, id);
        data[5] = status == NvmeStatus.Success ? (byte)0 : FailedAndIncomplete;
        BinaryPrimitives.WriteUInt32LittleEndian(data[8..], (uint)status);
        PersistentEvents.Add(controller, PersistentEventType.FormatCompletion, data);
    }

    private void RecordSanitizeStart(uint dword10)
    {
        Span<byte> data = stackalloc byte[12];
        data.Clear();
        BinaryPrimitives.WriteUInt32LittleEndian(data, SanitizeCapabilities);
        BinaryPrimitives.WriteUInt32LittleEndian(data[4..], dword10);
        PersistentEvents.Add(ControllerId.Primary, PersistentEventType.SanitizeStart, data);
    }

    /// <summary>Progress and status as the sanitize log has them.</summary>
    private void RecordSanitizeCompletion()
    {
        Span<byte> log = stackalloc byte[SanitizeLogLength];
        FillSanitizeLog(log);
        Span<byte> data = stackalloc byte[8];
        data.Clear();
        log[..4].CopyTo(data);
        PersistentEvents.Add(ControllerId.Primary, PersistentEventType.SanitizeCompletion, data);
    }
}
