using SoftIov.Linux;

namespace SoftIov.Transports.VhostUser;

/// <content>
/// A guest whose virtual IOMMU is in front of the device: addresses are those of the IOMMU, the front-end translates what is asked for, by a
/// channel of the back-end's own, and takes translations back. Of its memory nothing else is reached.
/// </content>
internal sealed partial class VhostUserSession
{
    /// <summary>The number of the back-end's own request for a translation.</summary>
    private const uint IotlbRequest = 1;

    private readonly IotlbMisses _misses;
    private readonly byte[] _miss = new byte[VhostUserHeader.Length + IotlbMessage.PaddedLength];
    private UnixStream? _channel;

    private bool IsBehindIommu => (_features & VhostFeatures.AccessPlatform) != 0 && _protocol.HasFlag(ProtocolFeatures.BackendReq);

    private void RunIommu(VhostUserRequest request)
    {
        if (request == VhostUserRequest.SetBackendReqFd)
            SetChannel();
        else if (HasPayload(IotlbMessage.Length))
            RunIotlb();
    }

    private void SetChannel()
    {
        if (_message.Descriptors.Count != 1 || !UnixStream.IsStream(_message.Descriptors[0]))
        {
            Refuse("a connected UNIX stream comes with it");
            return;
        }

        ReplaceChannel(new UnixStream(_message.Descriptors.Take(0)));
        SendMisses();
    }

    private void ReplaceChannel(UnixStream? channel)
    {
        if (_channel is not null)
            Stream.Unclaimed.Close(_channel.Descriptor);
        _channel = channel;
    }

    /// <summary>Features and memory were agreed on: from here on addresses are of the one kind or of the other.</summary>
    private void UseIommu()
    {
        if (IsBehindIommu == _memory.IsTranslated)
            return;
        _misses.Clear();
        _memory.Translate(IsBehindIommu ? _misses : null);
    }

    private void RunIotlb()
    {
        IotlbMessage message = IotlbMessage.Read(_message.Payload);
        if (!_memory.IsTranslated)
            Refuse("no IOMMU was agreed on (ACCESS_PLATFORM and BACKEND_REQ)");
        else if (message.Kind == IotlbKind.Update)
            Update(message);
        else if (message.Kind == IotlbKind.Invalidate)
            _memory.Forget(message);
        else
            Refuse($"a message about translations of kind {message.Kind}");
    }

    /// <summary>Whoever waited looks again: rings that run, and rings that were not there yet.</summary>
    private void Update(in IotlbMessage message)
    {
        Check(_memory.Cache(message));
        _misses.Answered(message.Iova, message.Size);
        foreach (FrontEndRing ring in _rings)
        {
            if (ring.IsStarted)
                _device.Kick(ring.Index);
            else
                StartRing(ring);
        }
    }

    /// <summary>Asks for what rings wait for. On the loop thread.</summary>
    public void SendMisses()
    {
        if (_channel is not { } channel)
            return;
        while (_misses.TryTake(out IotlbMessage miss))
        {
            VhostUserHeader.BackEndRequest(IotlbRequest, IotlbMessage.PaddedLength).Write(_miss);
            miss.Write(_miss.AsSpan(VhostUserHeader.Length));
            IoResult result;
            do
                result = channel.SendNow(_miss);
            while (result.Error == Errno.EINTR);
            if (result.Ok && result.Bytes == _miss.Length)
                continue;
            _socket.Sessions.Condemn(this, SessionEnd.Broken("the front-end does not read what is asked of it"));
            return;
        }
    }
}
