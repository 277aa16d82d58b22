using SoftIov.Datapath;

namespace SoftIov.Devices.Virtio.Net;

/// <summary>Nowhere: what a ring sends that its front-end disabled is taken and dropped.</summary>
internal sealed class DiscardPath : ITransmitPath
{
    public int CreditBytes(long nowTicks, out long retryAtTicks)
    {
        retryAtTicks = 0;
        return int.MaxValue;
    }

    public void Send(FrameBatch frames, long nowTicks)
    {
    }
}
