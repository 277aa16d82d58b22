using System.Buffers.Binary;
using SoftIov.Datapath;
using SoftIov.Devices.Virtio.Spec;
using SoftIov.Linux;

namespace SoftIov.Transports.VhostUser;

/// <content>Messages come in here, answers leave; and what concerns the device as a whole.</content>
internal sealed partial class VhostUserSession
{
    private ulong _features;
    private ProtocolFeatures _protocol;
    private ulong _status;
    private string? _refusal;

    /// <summary>Bytes of payload that the message's own answer has; negative when it has none.</summary>
    private int _answerLength;

    /// <summary>What travels with the answer, and is closed then.</summary>
    private FileDescriptor? _answerFile;

    private Span<byte> AnswerPayload => _answer.AsSpan(VhostUserHeader.Length);

    private void Execute()
    {
        VhostUserHeader header = _message.Header;
        if (Since is null && !TryBegin())
        {
            _end = SessionEnd.ByServer("the function is gone");
            return;
        }

        _refusal = null;
        _answerLength = -1;
        _socket.Counts.AddMessage();
        if (_message.Descriptors.AreLost)
            Refuse("descriptors were sent that did not arrive");
        else if (_message.Descriptors.Count > DescriptorsOf(header.Request))
            Refuse("descriptors came that do not belong to it");
        else
            Run(header.Request);
        _message.Clear();
        if (Stream.Unclaimed.IsOverwhelmed)
            _end = SessionEnd.Broken("it sends descriptors that cannot be closed");
        if (_unanswered is null || _end is not null)
            Answer(header);
    }

    private void Answer(in VhostUserHeader header)
    {
        using FileDescriptor? file = _answerFile;
        _answerFile = null;
        bool isAcknowledged = header.NeedsReply && _protocol.HasFlag(ProtocolFeatures.ReplyAck);
        if (_refusal is { } why)
        {
            _socket.Counts.AddRefusedMessage();
            _socket.Warn($"{header.Request} is refused: {why}");
        }

        if (_answerLength < 0 && isAcknowledged && !IsQuestion(header.Request))
            Reply(_refusal is null ? 0UL : 1UL);
        else if (_refusal is not null)
            _end ??= SessionEnd.Broken($"{header.Request} was refused ({_refusal}), and the front-end would not have heard of it");
        if (_answerLength < 0 || _end is not null)
            return;
        header.Answer(_answerLength).Write(_answer);
        int length = VhostUserHeader.Length + _answerLength;
        IoResult result;
        do
            result = Stream.Send(_answer.AsSpan(0, length), file is null ? [] : [file.Number]);
        while (result.Error == Errno.EINTR);
        if (result.WouldBlock || (result.Ok && result.Bytes != length))
            _end = SessionEnd.Broken("the front-end does not read its answers");
        else if (!result.Ok)
            _end = SessionEnd.ByClient;
    }

    private void Run(VhostUserRequest request)
    {
        switch (request)
        {
            case VhostUserRequest.GetFeatures:
                Reply((ulong)_device.RingFeatures | VhostFeatures.All);
                break;
            case VhostUserRequest.SetFeatures when HasPayload(sizeof(ulong)):
                SetFeatures(_message.Number);
                break;
            case VhostUserRequest.GetProtocolFeatures:
                Reply((ulong)ProtocolFeatures.Offered);
                break;
            case VhostUserRequest.SetProtocolFeatures when HasPayload(sizeof(ulong)):
                SetProtocolFeatures(_message.Number);
                break;
            case VhostUserRequest.GetQueueNum:
                Reply((ulong)(_rings.Length / 2));
                break;
            case VhostUserRequest.SetOwner:
                break;
            case VhostUserRequest.ResetOwner:
                StopAll();
                break;
            case VhostUserRequest.ResetDevice:
                ResetDevice();
                break;
            case VhostUserRequest.SetStatus when HasPayload(sizeof(ulong)):
                SetStatus(_message.Number);
                break;
            case VhostUserRequest.GetStatus:
                Reply(_status | (_device.NeedsReset ? DeviceNeedsReset : 0));
                break;
            case VhostUserRequest.NetSetMtu when HasPayload(sizeof(ulong)):
                SetMtu(_message.Number);
                break;
            case VhostUserRequest.SetMemTable or VhostUserRequest.AddMemReg or VhostUserRequest.RemMemReg:
                RunMemory(request);
                break;
            case VhostUserRequest.SetBackendReqFd or VhostUserRequest.IotlbMsg:
                RunIommu(request);
                break;
            case VhostUserRequest.SetLogBase when HasPayload(LogLength):
                SetLog();
                break;
            case VhostUserRequest.SetLogFd:
                if (_message.Descriptors.Count != 0 && !EventFd.IsEventFd(_message.Descriptors[0]))
                    Refuse("its descriptor is no eventfd");
                break;
            case VhostUserRequest.GetInflightFd or VhostUserRequest.SetInflightFd when HasPayload(InflightDescription.Length):
                RunInflight(request);
                break;
            case VhostUserRequest.SendRarp when HasPayload(MacAddress.Size):
                _device.Announce(MacAddress.FromBytes(_message.Payload));
                break;
            case VhostUserRequest.SetDeviceStateFd when HasPayload(StateRequestLength):
                SetStatePipe();
                break;
            case VhostUserRequest.CheckDeviceState:
                CheckState(_message.Header);
                break;
            case VhostUserRequest.GetMaxMemSlots:
                Reply(VhostUserLimits.MemorySlots);
                break;
            default:
                RunRing(request);
                break;
        }
    }

    /// <summary>Most descriptors that a message may have. Some front-ends send the region's file with REM_MEM_REG.</summary>
    private static int DescriptorsOf(VhostUserRequest request) => request switch
    {
        VhostUserRequest.SetMemTable => VhostUserLimits.Descriptors,
        VhostUserRequest.AddMemReg or VhostUserRequest.RemMemReg or VhostUserRequest.SetLogBase or VhostUserRequest.SetLogFd => 1,
        VhostUserRequest.SetVringKick or VhostUserRequest.SetVringCall or VhostUserRequest.SetVringErr => 1,
        VhostUserRequest.SetDeviceStateFd or VhostUserRequest.SetInflightFd or VhostUserRequest.SetBackendReqFd => 1,
        _ => 0,
    };

    /// <summary>What is answered with something else than whether it worked: no refusal can be told apart from that.</summary>
    private static bool IsQuestion(VhostUserRequest request) => request is VhostUserRequest.GetFeatures or VhostUserRequest.GetProtocolFeatures
        or VhostUserRequest.GetQueueNum or VhostUserRequest.GetVringBase or VhostUserRequest.GetStatus or VhostUserRequest.GetMaxMemSlots
        or VhostUserRequest.GetInflightFd;

    private void Refuse(string why) => _refusal ??= why;

    private bool HasPayload(int length)
    {
        if (_message.Header.Size >= length)
            return true;
        Refuse($"it has {_message.Header.Size} bytes, and needs {length}");
        return false;
    }

    private void Reply(ulong number)
    {
        BinaryPrimitives.WriteUInt64LittleEndian(AnswerPayload, number);
        _answerLength = sizeof(ulong);
    }

    private void SetFeatures(ulong features)
    {
        bool isOtherSpace = ((features ^ _features) & VhostFeatures.AccessPlatform) != 0 && _rings.Any(static ring => ring.IsStarted);
        if (isOtherSpace || !_device.TryAgree((VirtioFeatures)(features & ~VhostFeatures.All)))
        {
            Refuse($"features 0x{features:x} were not offered, lack VERSION_1, contradict each other, or change under running rings");
            return;
        }

        _features = features;
        UseIommu();
        UseLog();
        foreach (FrontEndRing ring in _rings)
            Mute(ring);
        StartRings();
    }

    private void SetProtocolFeatures(ulong features)
    {
        bool isOtherSpace = ((features ^ (ulong)_protocol) & (ulong)ProtocolFeatures.BackendReq) != 0 && _rings.Any(static ring => ring.IsStarted);
        if ((features & ~(ulong)ProtocolFeatures.Offered) != 0 || isOtherSpace)
        {
            Refuse($"protocol features 0x{features:x} were not offered, or change addresses under running rings");
            return;
        }

        _protocol = (ProtocolFeatures)features;
        UseIommu();
    }

    private void SetMtu(ulong mtu)
    {
        const ulong Least = 68;
        if (mtu < Least || mtu > (ulong)_device.Mtu)
            Refuse($"an MTU of {mtu}: frames here have up to {_device.Mtu} bytes of payload");
    }

    /// <summary>Writing 0 is a reset (virtio 1.4, 2.1).</summary>
    private void SetStatus(ulong status)
    {
        _status = status & byte.MaxValue & ~DeviceNeedsReset;
        if (_status == 0)
            ResetDevice();
    }

    private const ulong DeviceNeedsReset = 64;

    /// <summary>As at the beginning, but for the memory and the protocol's own features.</summary>
    private void ResetDevice()
    {
        StopAll();
        _features = 0;
        UseIommu();
        UseLog();
        foreach (FrontEndRing ring in _rings)
            (ring.Size, ring.Addresses, ring.Base) = (0, null, 0);
    }

    private void StopAll()
    {
        foreach (FrontEndRing ring in _rings)
        {
            StopRing(ring);
            ring.IsEnabled = null;
        }

        _device.Reset();
        _status = 0;
        if (!_device.TryAgree((VirtioFeatures)(_features & ~VhostFeatures.All)))
            _features = 0;
        UseIommu();
    }
}
