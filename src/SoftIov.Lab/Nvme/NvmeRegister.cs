namespace SoftIov.Lab.Nvme;

/// <summary>Offsets in BAR 0 (NVMe over PCIe transport, 3.1; NVMe base 2.0, 3.1.3).</summary>
public static class NvmeRegister
{
    /// <summary>CAP, 64 bits.</summary>
    public const int Capabilities = 0x00;

    /// <summary>VS.</summary>
    public const int Version = 0x08;

    /// <summary>INTMS.</summary>
    public const int InterruptMaskSet = 0x0C;

    /// <summary>INTMC.</summary>
    public const int InterruptMaskClear = 0x10;

    /// <summary>CC.</summary>
    public const int Configuration = 0x14;

    /// <summary>CSTS.</summary>
    public const int Status = 0x1C;

    /// <summary>NSSR.</summary>
    public const int SubsystemReset = 0x20;

    /// <summary>AQA.</summary>
    public const int AdminQueueAttributes = 0x24;

    /// <summary>ASQ, 64 bits.</summary>
    public const int AdminSubmissionQueue = 0x28;

    /// <summary>ACQ, 64 bits.</summary>
    public const int AdminCompletionQueue = 0x30;

    /// <summary>CMBLOC.</summary>
    public const int MemoryBufferLocation = 0x38;

    /// <summary>CMBSZ.</summary>
    public const int MemoryBufferSize = 0x3C;

    /// <summary>CRTO.</summary>
    public const int ReadyTimeouts = 0x68;

    /// <summary>First doorbell: tail of the admin submission queue.</summary>
    public const int Doorbells = 0x1000;

    /// <summary>What NSSR takes: "NVMe".</summary>
    public const uint SubsystemResetKey = 0x4E56_4D65;
}
