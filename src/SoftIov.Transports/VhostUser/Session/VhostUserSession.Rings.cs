using System.Buffers.Binary;
using SoftIov.Devices.Virtio.Spec;
using SoftIov.Linux;
using SoftIov.Memory;

namespace SoftIov.Transports.VhostUser;

/// <content>
/// Rings one by one. A ring runs from the moment that its kick, its size, its addresses and the memory there are known, and until
/// GET_VRING_BASE. When its features include the protocol's bit it waits for the first word about being enabled, since what a disabled ring
/// sends is dropped, and a driver whose back-end was away for a moment may have something to send.
/// </content>
internal sealed partial class VhostUserSession
{
    private const int StateLength = 8;

    private bool HasEnables => (_features & VhostFeatures.ProtocolFeatures) != 0;

    private bool IsPacked => (_features & (ulong)VirtioFeatures.RingPacked) != 0;

    private void RunRing(VhostUserRequest request)
    {
        switch (request)
        {
            case VhostUserRequest.SetVringNum or VhostUserRequest.SetVringBase or VhostUserRequest.GetVringBase
                or VhostUserRequest.SetVringEnable when HasPayload(StateLength):
                RunRingState(request, BinaryPrimitives.ReadUInt32LittleEndian(_message.Payload[sizeof(uint)..]));
                break;
            case VhostUserRequest.SetVringAddr when HasPayload(VringAddresses.Length):
                SetAddresses(VringAddresses.Read(_message.Payload));
                break;
            case VhostUserRequest.SetVringKick or VhostUserRequest.SetVringCall or VhostUserRequest.SetVringErr when HasPayload(sizeof(ulong)):
                SetDescriptor(request, _message.Number);
                break;
            default:
                Refuse("it is not known here");
                break;
        }
    }

    private void RunRingState(VhostUserRequest request, uint number)
    {
        if (RingOf(BinaryPrimitives.ReadUInt32LittleEndian(_message.Payload)) is not { } ring)
            return;
        switch (request)
        {
            case VhostUserRequest.SetVringEnable:
                ring.IsEnabled = number != 0;
                Mute(ring);
                StartRing(ring);
                break;
            case VhostUserRequest.GetVringBase:
                StopRing(ring);
                BinaryPrimitives.WriteUInt32LittleEndian(AnswerPayload, (uint)ring.Index);
                BinaryPrimitives.WriteUInt32LittleEndian(AnswerPayload[sizeof(uint)..], ring.Base);
                _answerLength = StateLength;
                break;
            case var _ when ring.IsStarted:
                Refuse($"ring {ring.Index} runs");
                break;
            case VhostUserRequest.SetVringNum when number == 0 || number > (uint)_device.MaxRingSize:
                Refuse($"a ring of {number} entries; here it has up to {_device.MaxRingSize}");
                break;
            case VhostUserRequest.SetVringNum:
                ring.Size = (ushort)number;
                break;
            default:
                ring.Base = number;
                break;
        }
    }

    private void SetAddresses(in VringAddresses addresses)
    {
        if (RingOf(addresses.Index) is not { } ring)
            return;
        ring.Addresses = addresses;
        if (ring.IsStarted)
            MoveRing(ring);
        else
            StartRing(ring);
    }

    private void SetDescriptor(VhostUserRequest request, ulong number)
    {
        const ulong NoDescriptor = 1 << 8;
        if (RingOf((uint)(number & byte.MaxValue)) is not { } ring)
            return;
        bool hasDescriptor = (number & NoDescriptor) == 0;
        if (hasDescriptor != (_message.Descriptors.Count == 1) || (hasDescriptor && !EventFd.IsEventFd(_message.Descriptors[0])))
            Refuse("an eventfd comes with it, unless its bit 8 says that there is none");
        else if (request == VhostUserRequest.SetVringKick)
            SetKick(ring, hasDescriptor ? _message.Descriptors.Take(0) : null);
        else if (request == VhostUserRequest.SetVringCall)
            SetCall(ring, hasDescriptor ? new InterruptLine(_message.Descriptors.Take(0)) : null);
        else
            ring.ReplaceError(hasDescriptor ? new InterruptLine(_message.Descriptors.Take(0)) : null)?.Dispose();
    }

    private void SetKick(FrontEndRing ring, FileDescriptor? kick)
    {
        if (kick is null)
        {
            Refuse("rings without kicks are not polled here");
            return;
        }

        ReplaceKick(ring, kick);
        WatchKick(ring);
        ring.IsWanted = true;
        StartRing(ring);
    }

    /// <summary>What was used before the line was there has interrupted nobody, so the driver looks once more than it has to.</summary>
    private void SetCall(FrontEndRing ring, InterruptLine? call)
    {
        ring.ReplaceCall(call)?.Dispose();
        if (ring.IsStarted)
            call?.Signal();
    }

    private void StartRings()
    {
        foreach (FrontEndRing ring in _rings)
            StartRing(ring);
    }

    /// <summary>Starts a ring if all is known of it, and its memory is there: a front-end may take that away and give it back elsewhere.</summary>
    private void StartRing(FrontEndRing ring)
    {
        bool isKnown = ring.IsWanted && ring.Size != 0 && _features != 0 && (ring.IsEnabled is not null || !HasEnables);
        if (ring.IsStarted || !isKnown || ring.Addresses is not { } addresses)
            return;
        if (!TryLocate(ring, addresses, out VirtqueueLayout layout))
            return;
        VirtqueueCursor position = Position(ring, layout);
        ring.IsWanted = TryResume(ring, layout, ref position);
        if (!ring.IsWanted)
            return;
        ring.IsStarted = _device.TryStart(ring.Index, layout, position, IsMuted(ring), ring.Inflight);
        ring.Layout = layout;
        ring.IsWanted = ring.IsStarted; // one that failed starts with its next kick event, not with whatever message comes next
        if (ring.IsStarted)
            BeginWork(ring);
        else
            Refuse($"ring {ring.Index} cannot run: its size, alignment or position is wrong, or the device waits for all rings to stop");
    }

    /// <summary>The back-end before may have died between what it used and the interrupt for it, or between a kick and its look.</summary>
    private void BeginWork(FrontEndRing ring)
    {
        WatchKick(ring);
        _device.Kick(ring.Index);
        ring.Call?.Signal();
    }

    /// <summary>
    /// Where a ring goes on. What was used in a split ring stands in its memory; a front-end whose back-end died knows nothing newer.
    /// </summary>
    private VirtqueueCursor Position(FrontEndRing ring, in VirtqueueLayout layout)
    {
        const int IndexOffset = 2;
        Span<byte> used = stackalloc byte[sizeof(ushort)];
        uint position = ring.Base;
        if (!IsPacked && Endpoint.Dma.TryRead(layout.DeviceArea + IndexOffset, used))
            position = BinaryPrimitives.ReadUInt16LittleEndian(used);
        return VringBase.Decode(position, IsPacked);
    }

    private void StopRing(FrontEndRing ring)
    {
        ReplaceKick(ring, null);
        ring.IsWanted = false;
        if (!ring.IsStarted)
            return;
        ring.Base = VringBase.Encode(_device.Stop(ring.Index), IsPacked);
        ring.IsStarted = false;
        ring.Inflight?.Forget();
    }

    /// <summary>The memory changed: those that run may be elsewhere in it, those that waited may be there.</summary>
    private void MoveRings()
    {
        foreach (FrontEndRing ring in _rings)
        {
            if (ring.IsStarted)
                MoveRing(ring);
            else
                StartRing(ring);
        }
    }

    private void MoveRing(FrontEndRing ring)
    {
        bool isThere = TryLocate(ring, ring.Addresses!.Value, out VirtqueueLayout layout);
        if (isThere && layout == ring.Layout)
            return;
        ring.Base = VringBase.Encode(_device.Stop(ring.Index), IsPacked);
        ring.IsStarted = false;
        StartRing(ring);
    }

    private bool TryLocate(FrontEndRing ring, in VringAddresses addresses, out VirtqueueLayout layout)
    {
        const ulong EventArea = 4;
        const ulong RingHeader = 6;
        ulong size = ring.Size;
        ulong available = IsPacked ? EventArea : RingHeader + (2 * size);
        ulong used = IsPacked ? EventArea : RingHeader + (8 * size);
        layout = default;
        if (_memory.IsTranslated)
        {
            DmaAccess both = DmaAccess.Read | DmaAccess.Write;
            layout = new VirtqueueLayout(ring.Size, addresses.Descriptors, addresses.Available, addresses.Used);
            return ring.IsStarted || Endpoint.Dma.TryReach(addresses.Descriptors, 16 * size, IsPacked ? both : DmaAccess.Read)
                & Endpoint.Dma.TryReach(addresses.Available, available, DmaAccess.Read)
                & Endpoint.Dma.TryReach(addresses.Used, used, both);
        }

        bool isThere = _memory.TryTranslate(addresses.Descriptors, 16 * size, out ulong descriptorArea)
            & _memory.TryTranslate(addresses.Available, available, out ulong driverArea)
            & _memory.TryTranslate(addresses.Used, used, out ulong deviceArea);
        if (isThere)
            layout = new VirtqueueLayout(ring.Size, descriptorArea, driverArea, deviceArea);
        return isThere;
    }

    private bool IsMuted(FrontEndRing ring) => HasEnables && ring.IsEnabled != true;

    private void Mute(FrontEndRing ring)
    {
        if (!ring.IsStarted)
            return;
        _device.Mute(ring.Index, IsMuted(ring));
        _device.Kick(ring.Index);
    }

    private FrontEndRing? RingOf(uint index)
    {
        if (index < (uint)_rings.Length)
            return _rings[index];
        Refuse($"there is no ring {index}");
        return null;
    }

    private void Forget(FrontEndRing ring)
    {
        ReplaceKick(ring, null);
        ring.ReplaceCall(null)?.Dispose();
        ring.ReplaceError(null)?.Dispose();
    }

    private void ReplaceKick(FrontEndRing ring, FileDescriptor? kick)
    {
        EndWatch(ring);
        ring.Kick?.Dispose();
        ring.Kick = kick;
    }

    /// <summary>
    /// By the poller of a ring that runs, or by the loop where there is none that can. Watched for edges and never read: each write is one, and a
    /// read could block when its owner reads first. To begin watching is an edge too.
    /// </summary>
    private void WatchKick(FrontEndRing ring)
    {
        EndWatch(ring);
        if (ring.Kick is not { } kick)
            return;
        int poller = ring.IsStarted ? _device.PollerOf(ring.Index) : -1;
        IReadOnlyList<EpollSleep> sleeps = _socket.Server.Sleeps;
        if ((uint)poller < (uint)sleeps.Count)
            ring.Watch = new KickWatch(
                sleeps[poller], poller, _device, ring.Index, kick, moved => _socket.Sessions.Post(this, session => session.Follow(ring, moved)));
        else
            _socket.Server.Loop.Events.Add(kick, EpollEvents.In | EpollEvents.EdgeTriggered, _socket.Sessions.Token(ring.Index));
    }

    /// <summary>The front-end keeps the event open: without this its next kick would still be reported.</summary>
    private void EndWatch(FrontEndRing ring)
    {
        if (ring.Watch is null && ring.Kick is { } kick)
            _socket.Server.Loop.Events.TryRemove(kick);
        ring.Watch?.Dispose();
        ring.Watch = null;
    }

    /// <summary>The ring went to another poller; unless it is watched in another way by now, so does its watch.</summary>
    public void Follow(FrontEndRing ring, KickWatch moved)
    {
        if (ring.Watch == moved)
            WatchKick(ring);
    }
}
