using SoftIov.Datapath;

namespace SoftIov.Devices.Virtio.Net;

/// <summary>The way from a transmit queue into the switch. Called by the queue's own poller, once or twice per burst.</summary>
internal interface ITransmitPath
{
    /// <summary>Bytes that may be sent now; when 0, the time to ask again. A frame may be sent while the answer is positive.</summary>
    int CreditBytes(long nowTicks, out long retryAtTicks);

    /// <summary>Sends a burst; nothing refers to the frames when it returns.</summary>
    void Send(FrameBatch frames, long nowTicks);
}
