using System.Runtime.InteropServices;
using SoftIov.Memory;

namespace SoftIov.Devices.Virtio;

/// <summary>Registers and position of one virtqueue.</summary>
[StructLayout(LayoutKind.Sequential)]
internal struct VirtioQueueState
{
    public ulong DescriptorArea;
    public ulong DriverArea;
    public ulong DeviceArea;
    public ushort Size;
    public ushort MsixVector;
    public ushort Enabled;
    public VirtqueueCursor Cursor;

    /// <summary>The ring as the driver laid it out.</summary>
    public readonly VirtqueueLayout Layout => new(Size, DescriptorArea, DriverArea, DeviceArea);
}
