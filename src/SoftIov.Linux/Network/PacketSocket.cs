using System.Buffers.Binary;
using System.Numerics;
using System.Runtime.CompilerServices;
using SoftIov.Memory;

namespace SoftIov.Linux;

/// <summary>
/// A raw packet socket on one interface (packet(7)): receives by a ring in shared memory all that arrives there, whatever its address, and
/// nothing that leaves; sends frames that carry a virtio_net_hdr of 10 bytes in host byte order. The ring belongs to one reader; sending may be
/// done by several threads.
/// </summary>
/// <remarks>
/// The ring is TPACKET_V2: the third version hands blocks over when they are full or a timer of at least a millisecond is over, which is no
/// way to answer a ping. Slots are sized for frames of the MTU; longer ones, yet to be segmented, come through the socket's queue.
/// </remarks>
public sealed unsafe class PacketSocket : IDisposable
{
    private const int HeaderBytes = TapDevice.HeaderBytes;
    private const int RingBytes = 8 << 20;
    private const int QueueBytes = 8 << 20;
    private const int MinSlotBytes = 2048;
    private const int MaxSlotBytes = 1 << 17;
    private const int BlockBytes = MaxSlotBytes;

    /// <summary>Header of the slot, address, alignment, headers of the frame with two tags.</summary>
    private const int SlotOverhead = 256;

    private const uint StatusUser = 1;
    private const uint StatusCopy = 2;
    private const uint StatusLosing = 4;
    private const uint StatusVlanValid = 0x10;
    private const uint StatusVlanProtocolValid = 0x40;
    private const ushort CustomerTag = 0x8100;

    private readonly MappedFile _ring;
    private readonly int _slotBytes;
    private readonly int _slots;
    private int _next;

    private PacketSocket(FileDescriptor descriptor, MappedFile ring, int slotBytes)
    {
        Descriptor = descriptor;
        _ring = ring;
        _slotBytes = slotBytes;
        _slots = (int)(ring.Length / slotBytes);
    }

    /// <summary>Readable when a frame waits in the ring.</summary>
    public FileDescriptor Descriptor { get; }

    /// <summary>Whether a frame waits.</summary>
    public bool IsReadable => (StatusOf(_next) & StatusUser) != 0;

    /// <summary>A socket that receives nothing yet, with a ring for frames of <paramref name="mtu"/> bytes of payload.</summary>
    /// <exception cref="LinuxException">EPERM: no CAP_NET_RAW; ENOMEM: no room for the ring.</exception>
    public static PacketSocket Open(int mtu)
    {
        int type = Libc.SOCK_RAW | Libc.SOCK_NONBLOCK | Libc.SOCK_CLOEXEC;
        var descriptor = new FileDescriptor(LinuxException.Check(Libc.Socket(Libc.AF_PACKET, type, 0), "socket", "a packet socket"));
        try
        {
            SetOption(descriptor, Libc.PACKET_VERSION, Libc.TPACKET_V2, "PACKET_VERSION");
            SetOption(descriptor, Libc.PACKET_VNET_HDR, 1, "PACKET_VNET_HDR");
            SetOption(descriptor, Libc.PACKET_COPY_THRESH, 1, "PACKET_COPY_THRESH");
            SetOption(descriptor, Libc.PACKET_IGNORE_OUTGOING, 1, "PACKET_IGNORE_OUTGOING");
            SetQueueSizes(descriptor);
            int slotBytes = SlotBytesFor(mtu);
            var request = new Libc.PacketRingRequest
            {
                BlockSize = BlockBytes,
                BlockCount = RingBytes / BlockBytes,
                FrameSize = (uint)slotBytes,
                FrameCount = (uint)(RingBytes / slotBytes),
            };
            SetOption(descriptor, Libc.PACKET_RX_RING, request, "PACKET_RX_RING");
            return new PacketSocket(descriptor, MappedFile.Map(descriptor, 0, RingBytes, writable: true), slotBytes);
        }
        catch
        {
            descriptor.Dispose();
            throw;
        }
    }

    /// <summary>Receives from an interface from now on, promiscuously; or why that cannot be. Also when the one before went away.</summary>
    public Errno TryBind(int index)
    {
        var address = new Libc.SocketAddressLink
        {
            Family = Libc.AF_PACKET,
            Protocol = BinaryPrimitives.ReverseEndianness(Libc.ETH_P_ALL),
            Index = index,
        };
        if (Libc.BindTo(Descriptor.Number, &address, (uint)sizeof(Libc.SocketAddressLink)) != 0)
            return LinuxException.Last;

        var membership = new Libc.PacketMembership { Index = index, Type = Libc.PACKET_MR_PROMISC };
        uint size = (uint)sizeof(Libc.PacketMembership);
        int result = Libc.SetSockOpt(Descriptor.Number, Libc.SOL_PACKET, Libc.PACKET_ADD_MEMBERSHIP, &membership, size);
        return result == 0 ? Errno.None : LinuxException.Last;
    }

    /// <summary>Looks at the frame <paramref name="ahead"/> frames after the oldest one; false when it has not come yet.</summary>
    public bool TryPeek(int ahead, out PacketSlot slot)
    {
        int index = _next + ahead;
        index = index < _slots ? index : index - _slots;

        // Pairs with the kernel's write barrier between the frame and its status.
        uint status = StatusOf(index);
        if ((status & StatusUser) == 0)
        {
            slot = default;
            return false;
        }

        var header = (Libc.PacketSlotHeader*)SlotAddress(index);
        byte* frame = (byte*)header + header->FrameOffset;
        slot = new PacketSlot
        {
            Bytes = new Segment((nint)frame, (int)header->Captured),
            Header = new ReadOnlySpan<byte>(frame - HeaderBytes, HeaderBytes),
            Length = (int)header->Length,
            IsQueued = (status & StatusCopy) != 0,
            FollowsLoss = (status & StatusLosing) != 0,
            VlanProtocol = (status & StatusVlanValid) == 0 ? (ushort)0
                : (status & StatusVlanProtocolValid) != 0 ? header->VlanProtocol : CustomerTag,
            VlanControl = header->VlanControl,
        };
        return true;
    }

    /// <summary>Gives the oldest <paramref name="count"/> frames' slots back to the kernel: their bytes are not to be looked at any more.</summary>
    public void Release(int count)
    {
        for (int i = 0; i < count; i++)
        {
            // Pairs with the kernel's look at the status before it writes the next frame.
            Volatile.Write(ref *(uint*)SlotAddress(_next), 0u);
            _next = _next + 1 < _slots ? _next + 1 : 0;
        }
    }

    /// <summary>
    /// Takes the whole of the next frame that was too long for its slot (<see cref="PacketSlot.IsQueued"/>), its header first. In the order of
    /// their slots.
    /// </summary>
    public IoResult TakeQueued(Segment buffer) =>
        IoResult.From(Libc.Recv(Descriptor.Number, (void*)buffer.Address, (nuint)buffer.Length, Libc.MSG_DONTWAIT));

    /// <summary>Frames lost since the last call because the ring or the queue was full.</summary>
    public long TakeLostCount()
    {
        Libc.PacketStatistics statistics;
        uint size = (uint)sizeof(Libc.PacketStatistics);
        int result = Libc.GetSockOpt(Descriptor.Number, Libc.SOL_PACKET, Libc.PACKET_STATISTICS, &statistics, &size);
        return result == 0 ? statistics.Drops : 0;
    }

    /// <summary>Forgets that the interface was down, which the next call to send would fail with although it is up again.</summary>
    public void ClearError()
    {
        int error;
        uint size = sizeof(int);
        _ = Libc.GetSockOpt(Descriptor.Number, Libc.SOL_SOCKET, Libc.SO_ERROR, &error, &size);
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _ring.Dispose();
        Descriptor.Dispose();
    }

    private static int SlotBytesFor(int mtu) =>
        (int)Math.Clamp(BitOperations.RoundUpToPowerOf2((uint)(mtu + SlotOverhead)), MinSlotBytes, MaxSlotBytes);

    /// <summary>Beyond the limits of the system where that is allowed; as far as they go where not.</summary>
    private static void SetQueueSizes(FileDescriptor descriptor)
    {
        int bytes = QueueBytes;
        if (Libc.SetSockOpt(descriptor.Number, Libc.SOL_SOCKET, Libc.SO_RCVBUFFORCE, &bytes, sizeof(int)) != 0)
            _ = Libc.SetSockOpt(descriptor.Number, Libc.SOL_SOCKET, Libc.SO_RCVBUF, &bytes, sizeof(int));
        if (Libc.SetSockOpt(descriptor.Number, Libc.SOL_SOCKET, Libc.SO_SNDBUFFORCE, &bytes, sizeof(int)) != 0)
            _ = Libc.SetSockOpt(descriptor.Number, Libc.SOL_SOCKET, Libc.SO_SNDBUF, &bytes, sizeof(int));
    }

    private static void SetOption<T>(FileDescriptor descriptor, int option, T value, string name)
        where T : unmanaged
    {
        int result = Libc.SetSockOpt(descriptor.Number, Libc.SOL_PACKET, option, &value, (uint)sizeof(T));
        LinuxException.Check(result, $"setsockopt({name})", "a packet socket");
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private nint SlotAddress(int index) => _ring.Address + (nint)index * _slotBytes;

    private uint StatusOf(int index) => Volatile.Read(ref *(uint*)SlotAddress(index));
}
