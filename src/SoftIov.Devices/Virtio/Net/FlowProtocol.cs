namespace SoftIov.Devices.Virtio.Net;

/// <summary>Transport protocol of a flow whose ports are known.</summary>
internal enum FlowProtocol : byte
{
    /// <summary>None, another one, or a fragment.</summary>
    Other,
    Tcp,
    Udp,
}
