namespace SoftIov.Lab.Nvme;

/// <summary>Opcodes of admin commands (NVMe base 2.0, 5).</summary>
public enum AdminOpcode : byte
{
    /// <summary>Delete I/O Submission Queue.</summary>
    DeleteSubmissionQueue = 0x00,

    /// <summary>Create I/O Submission Queue.</summary>
    CreateSubmissionQueue = 0x01,

    /// <summary>Get Log Page.</summary>
    GetLogPage = 0x02,

    /// <summary>Delete I/O Completion Queue.</summary>
    DeleteCompletionQueue = 0x04,

    /// <summary>Create I/O Completion Queue.</summary>
    CreateCompletionQueue = 0x05,

    /// <summary>Identify.</summary>
    Identify = 0x06,

    /// <summary>Abort.</summary>
    Abort = 0x08,

    /// <summary>Set Features.</summary>
    SetFeatures = 0x09,

    /// <summary>Get Features.</summary>
    GetFeatures = 0x0A,

    /// <summary>Asynchronous Event Request.</summary>
    AsyncEventRequest = 0x0C,

    /// <summary>Namespace Management.</summary>
    NamespaceManagement = 0x0D,

    /// <summary>Namespace Attachment.</summary>
    NamespaceAttachment = 0x15,

    /// <summary>Keep Alive.</summary>
    KeepAlive = 0x18,

    /// <summary>Virtualization Management.</summary>
    VirtualizationManagement = 0x1C,

    /// <summary>Doorbell Buffer Config.</summary>
    DoorbellBufferConfig = 0x7C,

    /// <summary>Format NVM.</summary>
    FormatNvm = 0x80,

    /// <summary>Sanitize.</summary>
    Sanitize = 0x84,
}
