namespace SoftIov.Devices.Nvme.Spec;

/// <summary>Offsets of the controller's registers in BAR 0 (NVMe 2.0, 3.1.3).</summary>
internal static class ControllerRegister
{
    public const int Capabilities = 0x00;
    public const int Version = 0x08;
    public const int InterruptMaskSet = 0x0c;
    public const int InterruptMaskClear = 0x10;
    public const int Configuration = 0x14;
    public const int Status = 0x1c;
    public const int SubsystemReset = 0x20;
    public const int AdminQueueAttributes = 0x24;
    public const int AdminSubmissionQueue = 0x28;
    public const int AdminCompletionQueue = 0x30;

    /// <summary>Bytes up to the last register that is not 0: what follows reads 0.</summary>
    public const int Length = 0x38;

    /// <summary>The value of <see cref="SubsystemReset"/> that resets: "NVMe".</summary>
    public const uint SubsystemResetValue = 0x4e564d65;
}
