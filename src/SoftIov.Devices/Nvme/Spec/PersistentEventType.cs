namespace SoftIov.Devices.Nvme.Spec;

/// <summary>Events of the Persistent Event Log that this device has (NVMe 1.4, 5.14.1.13.1).</summary>
internal enum PersistentEventType : byte
{
    TimestampChange = 0x03,
    PowerOnOrReset = 0x04,
    FormatStart = 0x07,
    FormatCompletion = 0x08,
    SanitizeStart = 0x09,
    SanitizeCompletion = 0x0a,
}
