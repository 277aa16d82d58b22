namespace SoftIov.Devices.Nvme.Spec;

/// <summary>
/// How a command ended: status code type in bits 10:8, status code in bits 7:0, and Do Not Retry in bit 14, where it also stands in the
/// status field of a completion (NVMe 2.0, 3.3.3.2.1). Retrying what the command itself got wrong gives the same answer: such values have it.
/// </summary>
public enum NvmeStatus : ushort
{
    /// <summary>Done.</summary>
    Success = 0x000,

    /// <summary>Opcode unknown, or not for this queue.</summary>
    InvalidOpcode = Final | 0x001,

    /// <summary>A field has no valid value.</summary>
    InvalidField = Final | 0x002,

    /// <summary>The identifier is in use in its queue.</summary>
    CommandIdConflict = 0x003,

    /// <summary>Data could not be moved from or to the host's memory.</summary>
    DataTransferError = 0x004,

    /// <summary>The controller failed inside.</summary>
    InternalError = 0x006,

    /// <summary>Aborted by an Abort command.</summary>
    AbortRequested = 0x007,

    /// <summary>Aborted since its submission queue was deleted.</summary>
    AbortedQueueDeleted = 0x008,

    /// <summary>The other half of the fused pair failed.</summary>
    AbortedFailedFused = 0x009,

    /// <summary>The other half of the fused pair is missing.</summary>
    AbortedMissingFused = 0x00a,

    /// <summary>Namespace or format not valid.</summary>
    InvalidNamespace = Final | 0x00b,

    /// <summary>Not at this moment.</summary>
    CommandSequenceError = Final | 0x00c,

    /// <summary>A PRP entry has an offset where none may be.</summary>
    InvalidPrpOffset = Final | 0x013,

    /// <summary>Host identifiers of 64 and of 128 bits together.</summary>
    HostIdInconsistentFormat = Final | 0x018,

    /// <summary>Sanitize failed.</summary>
    SanitizeFailed = 0x01c,

    /// <summary>Sanitize is under way.</summary>
    SanitizeInProgress = 0x01d,

    /// <summary>The namespace is write protected.</summary>
    NamespaceWriteProtected = Final | 0x020,

    /// <summary>Blocks beyond the end.</summary>
    LbaOutOfRange = Final | 0x080,

    /// <summary>No capacity for what was written.</summary>
    CapacityExceeded = 0x081,

    /// <summary>Not just now; try again.</summary>
    NamespaceNotReady = 0x082,

    /// <summary>Another host's reservation forbids it.</summary>
    ReservationConflict = Final | 0x083,

    /// <summary>A format is under way.</summary>
    FormatInProgress = 0x084,

    /// <summary>The completion queue is not there.</summary>
    CompletionQueueInvalid = Final | 0x100,

    /// <summary>Queue identifier out of range, or in use, or absent.</summary>
    InvalidQueueId = Final | 0x101,

    /// <summary>Queue size out of range.</summary>
    InvalidQueueSize = Final | 0x102,

    /// <summary>More Abort commands than may be outstanding.</summary>
    AbortLimitExceeded = 0x103,

    /// <summary>More Asynchronous Event Requests than may be outstanding.</summary>
    EventRequestLimitExceeded = 0x105,

    /// <summary>No such firmware slot.</summary>
    InvalidFirmwareSlot = Final | 0x106,

    /// <summary>No such interrupt vector.</summary>
    InvalidInterruptVector = Final | 0x108,

    /// <summary>No such log page.</summary>
    InvalidLogPage = Final | 0x109,

    /// <summary>No such format.</summary>
    InvalidFormat = Final | 0x10a,

    /// <summary>Submission queues still use the completion queue.</summary>
    InvalidQueueDeletion = Final | 0x10c,

    /// <summary>The feature cannot be saved.</summary>
    FeatureNotSaveable = Final | 0x10d,

    /// <summary>The feature cannot be changed.</summary>
    FeatureNotChangeable = Final | 0x10e,

    /// <summary>The feature is not one of a namespace.</summary>
    FeatureNotNamespaceSpecific = Final | 0x10f,

    /// <summary>Not enough unallocated capacity.</summary>
    NamespaceInsufficientCapacity = Final | 0x115,

    /// <summary>No namespace identifier is free.</summary>
    NamespaceIdUnavailable = Final | 0x116,

    /// <summary>Attached already.</summary>
    NamespaceAlreadyAttached = Final | 0x118,

    /// <summary>Private, and attached to another controller.</summary>
    NamespaceIsPrivate = Final | 0x119,

    /// <summary>Not attached.</summary>
    NamespaceNotAttached = Final | 0x11a,

    /// <summary>Thin provisioning is not supported.</summary>
    ThinProvisioningNotSupported = Final | 0x11b,

    /// <summary>The controller list has no valid controller.</summary>
    ControllerListInvalid = Final | 0x11c,

    /// <summary>No such controller.</summary>
    InvalidControllerId = Final | 0x11f,

    /// <summary>Not in the state the secondary controller is in.</summary>
    InvalidSecondaryState = Final | 0x120,

    /// <summary>More resources than a controller may have.</summary>
    InvalidNumberOfResources = Final | 0x121,

    /// <summary>No such resource type, or not so many left.</summary>
    InvalidResourceId = Final | 0x122,

    /// <summary>No more namespaces can be attached to that controller.</summary>
    NamespaceAttachmentLimitExceeded = Final | 0x127,

    /// <summary>No such I/O command set.</summary>
    IoCommandSetNotSupported = Final | 0x129,

    /// <summary>Attributes contradict each other.</summary>
    ConflictingAttributes = Final | 0x180,

    /// <summary>Protection information is not valid.</summary>
    InvalidProtectionInformation = Final | 0x181,

    /// <summary>More ranges or blocks than one command may have.</summary>
    CommandSizeLimitExceeded = Final | 0x183,

    /// <summary>The medium failed to write.</summary>
    WriteFault = 0x280,

    /// <summary>The medium failed to read.</summary>
    UnrecoveredReadError = 0x281,

    /// <summary>The data differ.</summary>
    CompareFailure = Final | 0x285,

    /// <summary>Do Not Retry.</summary>
    Final = 0x4000,
}
