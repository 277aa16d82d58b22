namespace SoftIov.Devices.Nvme.Spec;

/// <summary>Log page identifiers (NVMe 2.0, figure 202).</summary>
internal enum LogPageId : byte
{
    /// <summary>Supported Log Pages.</summary>
    Supported = 0x00,

    /// <summary>Error Information.</summary>
    Error = 0x01,

    /// <summary>SMART / Health Information.</summary>
    Health = 0x02,

    /// <summary>Firmware Slot Information.</summary>
    FirmwareSlot = 0x03,

    /// <summary>Changed Namespace List.</summary>
    ChangedNamespaces = 0x04,

    /// <summary>Commands Supported and Effects.</summary>
    CommandEffects = 0x05,

    /// <summary>Persistent Event Log.</summary>
    PersistentEvents = 0x0d,

    /// <summary>Feature Identifiers Supported and Effects.</summary>
    FeatureEffects = 0x12,

    /// <summary>Reservation Notification.</summary>
    ReservationNotification = 0x80,

    /// <summary>Sanitize Status.</summary>
    SanitizeStatus = 0x81,
}
