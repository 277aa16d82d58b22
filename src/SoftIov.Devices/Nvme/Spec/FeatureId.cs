namespace SoftIov.Devices.Nvme.Spec;

/// <summary>Feature identifiers that are supported (NVMe 2.0, figure 317).</summary>
internal enum FeatureId : byte
{
    Arbitration = 0x01,
    PowerManagement = 0x02,
    TemperatureThreshold = 0x04,
    ErrorRecovery = 0x05,
    VolatileWriteCache = 0x06,
    NumberOfQueues = 0x07,
    InterruptCoalescing = 0x08,
    InterruptVectorConfiguration = 0x09,
    WriteAtomicity = 0x0a,
    AsyncEventConfiguration = 0x0b,
    Timestamp = 0x0e,
    HostBehavior = 0x16,
    HostIdentifier = 0x81,
    ReservationNotificationMask = 0x82,
    ReservationPersistence = 0x83,
    NamespaceWriteProtection = 0x84,
}
