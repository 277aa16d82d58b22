using System.Runtime.InteropServices;
using SoftIov.Devices.Virtio.Spec;
using SoftIov.Memory;

namespace SoftIov.Devices.Virtio;

/// <summary>
/// What any virtio PCI function remembers between register accesses (decision D7). Status and ISR are whole words because pollers
/// change them too, by interlocked operations.
/// </summary>
[StructLayout(LayoutKind.Sequential)]
internal struct VirtioState
{
    public ulong DriverFeatures;

    /// <summary>Bits 64..127 as the driver wrote them; none is ever offered.</summary>
    public ulong DriverFeaturesHigh;
    public uint DeviceFeatureSelect;
    public uint DriverFeatureSelect;
    public int Status;
    public int Isr;
    public int Generation;
    public ushort ConfigVector;
    public ushort QueueSelect;
    public uint WindowOffset;
    public uint WindowLength;
    public byte WindowBar;
    public VirtioQueueStates Queues;

    /// <summary>Features as flags.</summary>
    public readonly VirtioFeatures Features => (VirtioFeatures)DriverFeatures;

    /// <summary>Status as flags, as pollers see it.</summary>
    public readonly DeviceStatus DeviceStatus => (DeviceStatus)Volatile.Read(in Status);

    /// <summary>True while buffers may be used: DRIVER_OK, and neither side gave up.</summary>
    public readonly bool IsLive =>
        (DeviceStatus & (DeviceStatus.DriverOk | DeviceStatus.NeedsReset | DeviceStatus.Failed)) == DeviceStatus.DriverOk;

    /// <summary>The value after reset; the generation goes on counting.</summary>
    public static VirtioState AtReset(int queueCount, ushort queueSize, int generation)
    {
        var state = new VirtioState { ConfigVector = CommonConfig.NoVector, Generation = generation };
        for (int i = 0; i < VirtioQueueStates.Count; i++)
        {
            ref VirtioQueueState queue = ref state.Queues[i];
            queue.MsixVector = CommonConfig.NoVector;
            queue.Size = i < queueCount ? queueSize : (ushort)0;
            queue.Cursor = VirtqueueCursor.AtEnable;
        }

        return state;
    }
}
