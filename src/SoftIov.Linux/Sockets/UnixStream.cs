using System.Text;

namespace SoftIov.Linux;

/// <summary>
/// A connected UNIX stream socket that can carry file descriptors (SCM_RIGHTS). Calls return why they moved nothing instead of throwing:
/// a peer that goes away is an ordinary event. Received descriptors are close-on-exec.
/// </summary>
public sealed partial class UnixStream : IDisposable
{
    /// <summary>At most so many descriptors travel with one message.</summary>
    public const int MaximumDescriptors = 32;

    private const int DrainBytes = 4096;

    /// <summary>Takes a connected socket over.</summary>
    public UnixStream(FileDescriptor descriptor) => Descriptor = descriptor;

    /// <summary>Closes what comes and is not wanted; another's when several connections are one client's.</summary>
    public UnclaimedDescriptors Unclaimed { get; set; } = new();

    /// <summary>To poll.</summary>
    public FileDescriptor Descriptor { get; }

    /// <summary>Connects; throws when nobody listens.</summary>
    public static UnixStream Connect(string path) => TryConnect(path, out Errno error) ?? throw new LinuxException("connect", error, path);

    /// <summary>Connects, blocking; null and the reason when nobody listens.</summary>
    public static unsafe UnixStream? TryConnect(string path, out Errno error)
    {
        FileDescriptor socket = NewSocket(nonBlocking: false);
        Libc.SocketAddressUnix address = AddressOf(path);
        error = Libc.Connect(socket.Number, &address, (uint)sizeof(Libc.SocketAddressUnix)) == 0 ? Errno.None : LinuxException.Last;
        if (error == Errno.None)
            return new UnixStream(socket);
        socket.Dispose();
        return null;
    }

    /// <summary>Connects without waiting, non-blocking from then on; null and the reason when that is not possible just now.</summary>
    public static unsafe UnixStream? TryConnectNow(string path, out Errno error)
    {
        FileDescriptor socket = NewSocket(nonBlocking: true);
        Libc.SocketAddressUnix address = AddressOf(path);
        error = Libc.Connect(socket.Number, &address, (uint)sizeof(Libc.SocketAddressUnix)) == 0 ? Errno.None : LinuxException.Last;
        if (error == Errno.None)
            return new UnixStream(socket);
        socket.Dispose();
        return null;
    }

    /// <summary>Two sockets connected to each other, blocking.</summary>
    public static unsafe (UnixStream First, UnixStream Second) Pair()
    {
        int* pair = stackalloc int[2];
        int result = Libc.SocketPair(Libc.AF_UNIX, Libc.SOCK_STREAM | Libc.SOCK_CLOEXEC, 0, pair);
        LinuxException.Check(result, "socketpair", "two UNIX streams");
        return (new(new FileDescriptor(pair[0])), new(new FileDescriptor(pair[1])));
    }

    /// <summary>Who is at the other end.</summary>
    public unsafe PeerCredentials Peer()
    {
        Libc.Credentials credentials = default;
        uint length = (uint)sizeof(Libc.Credentials);
        int result = Libc.GetSockOpt(Descriptor.Number, Libc.SOL_SOCKET, Libc.SO_PEERCRED, &credentials, &length);
        LinuxException.Check(result, "getsockopt(SO_PEERCRED)", Descriptor.ToString());
        return new(credentials.ProcessId, credentials.UserId, credentials.GroupId);
    }

    /// <summary>Whether a descriptor that somebody sent is one.</summary>
    public static bool IsStream(FileDescriptor descriptor) =>
        OptionOf(descriptor, Libc.SO_DOMAIN) == Libc.AF_UNIX && OptionOf(descriptor, Libc.SO_TYPE) == Libc.SOCK_STREAM;

    /// <summary>Sets the size of the kernel's send buffer.</summary>
    public unsafe void SetSendBuffer(int bytes) =>
        LinuxException.Check(
            Libc.SetSockOpt(Descriptor.Number, Libc.SOL_SOCKET, Libc.SO_SNDBUF, &bytes, sizeof(int)),
            "setsockopt(SO_SNDBUF)",
            Descriptor.ToString());

    /// <summary>Ends both directions: the peer reads the end of the stream, and so do our own threads that wait.</summary>
    public void Shutdown() => _ = Libc.Shutdown(Descriptor.Number, Libc.SHUT_RDWR);

    /// <summary>
    /// Closes the stream so that the peer reads its end. Plain closing with bytes in the stream that nobody read makes the peer's next read
    /// fail with ECONNRESET (net/unix/af_unix.c, unix_release_sock), and QEMU up to 11.1.3 aborts then.
    /// </summary>
    public void EndAndDispose()
    {
        Span<byte> unread = stackalloc byte[DrainBytes];
        Shutdown(); // from here on nothing is added, and reading does not wait
        while (!Unclaimed.IsOverwhelmed && Receive(unread, default, [], out _).Bytes > 0)
        {
        }

        // What a peer that overdoes it has sent besides is closed with the stream, which may take as long.
        if (Unclaimed.IsOverwhelmed)
            Unclaimed.Close(Descriptor);
        else
            Dispose();
    }

    /// <inheritdoc/>
    public void Dispose() => Descriptor.Dispose();

    internal static FileDescriptor NewSocket(bool nonBlocking)
    {
        int type = Libc.SOCK_STREAM | Libc.SOCK_CLOEXEC | (nonBlocking ? Libc.SOCK_NONBLOCK : 0);
        return new(LinuxException.Check(Libc.Socket(Libc.AF_UNIX, type, 0), "socket", "a UNIX stream"));
    }

    internal static unsafe void Bind(FileDescriptor socket, string path)
    {
        Libc.SocketAddressUnix address = AddressOf(path);
        LinuxException.Check(Libc.Bind(socket.Number, &address, (uint)sizeof(Libc.SocketAddressUnix)), "bind", path);
    }

    private static unsafe int OptionOf(FileDescriptor descriptor, int name)
    {
        int value = 0;
        uint length = sizeof(int);
        return Libc.GetSockOpt(descriptor.Number, Libc.SOL_SOCKET, name, &value, &length) == 0 ? value : -1;
    }

    private static unsafe Libc.SocketAddressUnix AddressOf(string path)
    {
        Libc.SocketAddressUnix address = new() { Family = Libc.AF_UNIX };
        if (Encoding.UTF8.GetByteCount(path) >= Libc.SocketAddressUnix.PathCapacity)
            throw new LinuxException("bind or connect", Errno.ENAMETOOLONG, path);
        Encoding.UTF8.GetBytes(path, new Span<byte>(address.Path, Libc.SocketAddressUnix.PathCapacity));
        return address;
    }
}
