using System.Runtime.InteropServices;

namespace SoftIov.Devices.Virtio.Net;

/// <summary>When used buffers are told of (virtio 1.4, 5.1.6.5.6): both 0 means at once.</summary>
[StructLayout(LayoutKind.Sequential)]
internal struct CoalescingState
{
    public uint MaxPackets;
    public uint MaxMicroseconds;
}
