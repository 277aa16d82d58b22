namespace SoftIov.Linux;

/// <summary>
/// Tells that some network interface came, went or changed (rtnetlink(7), RTMGRP_LINK), in the network namespace in which this was made.
/// Which one and how is for the listener to look up: that way nothing depends on notices that the kernel could not deliver.
/// </summary>
public sealed unsafe class LinkEvents : IDisposable
{
    private const int BufferBytes = 8192;

    /// <summary>Starts to listen.</summary>
    public LinkEvents()
    {
        int type = Libc.SOCK_RAW | Libc.SOCK_NONBLOCK | Libc.SOCK_CLOEXEC;
        Descriptor = new(LinuxException.Check(Libc.Socket(Libc.AF_NETLINK, type, Libc.NETLINK_ROUTE), "socket", "link events"));
        Libc.SocketAddressNetlink address = new() { Family = Libc.AF_NETLINK, Groups = Libc.RTMGRP_LINK };
        uint size = (uint)sizeof(Libc.SocketAddressNetlink);
        LinuxException.Check(Libc.BindTo(Descriptor.Number, &address, size), "bind", "link events");
    }

    /// <summary>Readable when something happened.</summary>
    public FileDescriptor Descriptor { get; }

    /// <summary>Takes all notices that wait; true when there were any, or some were lost for want of room.</summary>
    public bool Consume()
    {
        byte* buffer = stackalloc byte[BufferBytes];
        bool any = false;
        while (true)
        {
            nint length = Libc.Recv(Descriptor.Number, buffer, BufferBytes, 0);
            if (length < 0 && LinuxException.Last is not (Errno.ENOBUFS or Errno.EINTR))
                return any;
            any = true;
        }
    }

    /// <inheritdoc/>
    public void Dispose() => Descriptor.Dispose();
}
