using SoftIov.Datapath;

namespace SoftIov.Devices.Virtio.Net;

/// <summary>Straight into the switch: for queues at shared pollers.</summary>
internal sealed class PortPath(SwitchPort port) : ITransmitPath
{
    public int CreditBytes(long nowTicks, out long retryAtTicks) => port.TransmitCreditBytes(nowTicks, out retryAtTicks);

    public void Send(FrameBatch frames, long nowTicks) => port.Transmit(frames, nowTicks);
}
