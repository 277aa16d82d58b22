using SoftIov.Devices.Virtio.Spec;

namespace SoftIov.Devices.Virtio;

/// <summary>
/// The one BAR of a virtio function, each structure in a page of its own, so that any of them can be trapped or mapped alone. BAR 4, in
/// the PF and in VFs: BAR 0 of a VF stays free for legacy access by the owner (virtio 1.4, 2.13.6.1).
/// </summary>
internal static class VirtioBar
{
    public const int Index = 4;
    public const int PageSize = 0x1000;
    public const uint Common = 0x0000;
    public const uint Isr = 0x1000;
    public const uint Device = 0x2000;
    public const uint Notify = 0x3000;
    public const uint MsixTable = 0x4000;
    public const uint MsixPba = 0x5000;

    /// <summary>A power of two.</summary>
    public const uint Size = 0x8000;

    /// <summary>notify_off_multiplier; queue_notify_off is the queue's index, since some drivers use the index instead.</summary>
    public const uint NotifyMultiplier = 4;

    /// <summary>Where <paramref name="type"/> starts.</summary>
    public static uint OffsetOf(CapabilityType type) => type switch
    {
        CapabilityType.Common => Common,
        CapabilityType.Notify => Notify,
        CapabilityType.Isr => Isr,
        CapabilityType.Device => Device,
        _ => 0,
    };

    /// <summary>How long the structure is that <paramref name="type"/> names.</summary>
    public static uint LengthOf(CapabilityType type) => type switch
    {
        CapabilityType.Common => CommonConfig.Length,
        CapabilityType.Notify => VirtioQueueStates.Count * NotifyMultiplier,
        CapabilityType.Isr => 4,
        CapabilityType.Device => PageSize,
        _ => 0,
    };
}
