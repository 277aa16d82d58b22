namespace SoftIov.Devices.Nvme.Spec;

/// <summary>Bits of the CSTS register (NVMe 2.0, 3.1.3.6).</summary>
internal static class ControllerStatus
{
    public const uint Ready = 1 << 0;
    public const uint Fatal = 1 << 1;
    public const uint ShutdownOccurring = 1 << 2;
    public const uint ShutdownComplete = 2 << 2;
    public const uint ShutdownMask = 3 << 2;
    public const uint SubsystemResetOccurred = 1 << 4;
}
