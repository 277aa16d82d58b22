using SoftIov.Memory;

namespace SoftIov.Linux;

/// <summary>
/// A tap (/dev/net/tun): frames that the host sends into the interface are read here, and frames written here are received by the host. Each
/// carries a virtio_net_hdr of <see cref="HeaderBytes"/> in host byte order. Calls do not wait. Reads and writes may come from several threads.
/// A tap that did not exist before is made, and goes when the last descriptor is closed.
/// </summary>
public sealed unsafe class TapDevice : IDisposable
{
    /// <summary>Size of the header in front of each frame.</summary>
    public const int HeaderBytes = 10;

    private const TapOffloads BeforeUdp = TapOffloads.Checksum | TapOffloads.TcpV4 | TapOffloads.TcpV6 | TapOffloads.TcpEcn;
    private const string Device = "/dev/net/tun";

    private TapDevice(FileDescriptor descriptor, string name)
    {
        Descriptor = descriptor;
        Name = name;
    }

    /// <summary>Name of the interface.</summary>
    public string Name { get; }

    /// <summary>Readable when a frame waits.</summary>
    public FileDescriptor Descriptor { get; }

    /// <summary>What the kernel was told that the reader takes over. The same work it does for a writer.</summary>
    public TapOffloads Offloads { get; private set; }

    /// <summary>Whether there is an interface behind it; somebody may have deleted it.</summary>
    public bool IsAttached
    {
        get
        {
            Libc.InterfaceRequest request = default;
            return Libc.Ioctl(Descriptor.Number, Libc.TUNGETIFF, (nint)(&request)) == 0;
        }
    }

    /// <summary>Opens the tap of that name.</summary>
    /// <exception cref="LinuxException">
    /// EPERM: neither root nor the tap's owner; EBUSY: another program has it; EINVAL: an interface of that name is no tap; no /dev/net/tun.
    /// </exception>
    public static TapDevice Open(string name)
    {
        int descriptor = Libc.Open(Device, Libc.O_RDWR | Libc.O_NONBLOCK | Libc.O_CLOEXEC);
        var tap = new TapDevice(new FileDescriptor(LinuxException.Check(descriptor, "open", Device)), name);
        Errno error = tap.TryAttach();
        if (error == Errno.None)
            return tap;
        tap.Dispose();
        throw new LinuxException("ioctl(TUNSETIFF)", error, name);
    }

    /// <summary>Attaches to the interface of that name again, after it was deleted and made anew; or why that cannot be.</summary>
    public Errno TryAttach()
    {
        Errno error = TrySetInterface(Libc.IFF_TAP | Libc.IFF_NO_PI | Libc.IFF_VNET_HDR);
        if (error == Errno.EINVAL)
            error = TrySetInterface(Libc.IFF_TAP | Libc.IFF_NO_PI | Libc.IFF_VNET_HDR | Libc.IFF_MULTI_QUEUE);
        if (error != Errno.None)
            return error;

        // A persistent tap keeps what its last user chose.
        int headerBytes = HeaderBytes;
        if (Libc.Ioctl(Descriptor.Number, Libc.TUNSETVNETHDRSZ, (nint)(&headerBytes)) != 0)
            return LinuxException.Last;
        Offloads = SetOffloads();
        return Errno.None;
    }

    /// <summary>
    /// Reads one frame with its header into a buffer. EAGAIN: none waits. EBADFD: the interface is gone. A frame longer than the buffer is cut.
    /// </summary>
    public IoResult Read(Segment buffer) =>
        IoResult.From(Libc.Read(Descriptor.Number, (void*)buffer.Address, (nuint)buffer.Length));

    /// <summary>
    /// Writes frame <paramref name="index"/> of those prepared, header first: received by the host when this returns. EAGAIN: its queue is
    /// full. EIO: the interface is down. EBADFD: it is gone. EINVAL: no valid frame. EFAULT: memory of the frame is gone.
    /// </summary>
    public IoResult Write(OutgoingFrames frames, int index)
    {
        ref Libc.MessageHeader message = ref frames.Message(index);
        return IoResult.From(Libc.WriteV(Descriptor.Number, message.Vectors, (int)message.VectorCount));
    }

    /// <inheritdoc/>
    public void Dispose() => Descriptor.Dispose();

    private Errno TrySetInterface(int flags)
    {
        Libc.InterfaceRequest request = default;
        if (!HostInterfaces.TrySetName(&request, Name))
            return Errno.ENAMETOOLONG;
        request.Short = (ushort)flags;
        return Libc.Ioctl(Descriptor.Number, Libc.TUNSETIFF, (nint)(&request)) == 0 ? Errno.None : LinuxException.Last;
    }

    private TapOffloads SetOffloads()
    {
        foreach (TapOffloads offloads in (ReadOnlySpan<TapOffloads>)[BeforeUdp | TapOffloads.UdpV4 | TapOffloads.UdpV6, BeforeUdp])
        {
            if (Libc.Ioctl(Descriptor.Number, Libc.TUNSETOFFLOAD, (nint)(uint)offloads) == 0)
                return offloads;
        }

        return TapOffloads.None;
    }
}
