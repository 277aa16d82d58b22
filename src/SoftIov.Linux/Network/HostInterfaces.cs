using System.Text;

namespace SoftIov.Linux;

/// <summary>
/// The network interfaces of the host (netdevice(7)): of the network namespace in which this was made, whichever thread asks later. May be
/// used from several threads.
/// </summary>
public sealed unsafe class HostInterfaces : IDisposable
{
    /// <summary>Longest name in bytes.</summary>
    public const int MaxNameBytes = Libc.IFNAMSIZ - 1;

    private readonly FileDescriptor _socket =
        new(LinuxException.Check(Libc.Socket(Libc.AF_INET, Libc.SOCK_DGRAM | Libc.SOCK_CLOEXEC, 0), "socket", "interface requests"));

    /// <summary>Index of an interface; 0 when there is none of that name.</summary>
    public int IndexOf(string name)
    {
        Libc.InterfaceRequest request = default;
        return TrySetName(&request, name) && Request(Libc.SIOCGIFINDEX, &request) ? request.Value : 0;
    }

    /// <summary>Name of an interface; null when there is none of that index.</summary>
    public string? NameOf(int index)
    {
        Libc.InterfaceRequest request = new() { Value = index };
        return Request(Libc.SIOCGIFNAME, &request)
            ? Encoding.UTF8.GetString(new ReadOnlySpan<byte>(request.Name, Libc.IFNAMSIZ).TrimEnd((byte)0))
            : null;
    }

    /// <summary>Flags of an interface; none when there is none of that name.</summary>
    public InterfaceFlags FlagsOf(string name)
    {
        Libc.InterfaceRequest request = default;
        return TrySetName(&request, name) && Request(Libc.SIOCGIFFLAGS, &request) ? (InterfaceFlags)request.Short : InterfaceFlags.None;
    }

    /// <summary>Largest payload of a frame in bytes; 0 when there is no interface of that name.</summary>
    public int MtuOf(string name)
    {
        Libc.InterfaceRequest request = default;
        return TrySetName(&request, name) && Request(Libc.SIOCGIFMTU, &request) ? request.Value : 0;
    }

    /// <summary>Whether an interface carries Ethernet frames.</summary>
    public bool IsEthernet(string name)
    {
        Libc.InterfaceRequest request = default;
        return TrySetName(&request, name) && Request(Libc.SIOCGIFHWADDR, &request) && request.Short == Libc.ARPHRD_ETHER;
    }

    /// <summary>Sets the MTU in bytes; or why that cannot be.</summary>
    public Errno TrySetMtu(string name, int mtu)
    {
        Libc.InterfaceRequest request = new() { Value = mtu };
        return TrySetName(&request, name) ? Try(Libc.SIOCSIFMTU, &request) : Errno.ENODEV;
    }

    /// <summary>Brings an interface up, unless it is; or why that cannot be.</summary>
    public Errno TryBringUp(string name)
    {
        Libc.InterfaceRequest request = default;
        if (!TrySetName(&request, name))
            return Errno.ENODEV;
        Errno error = Try(Libc.SIOCGIFFLAGS, &request);
        if (error != Errno.None || (request.Short & (int)InterfaceFlags.Up) != 0)
            return error;
        request.Short |= (ushort)InterfaceFlags.Up;
        return Try(Libc.SIOCSIFFLAGS, &request);
    }

    /// <inheritdoc/>
    public void Dispose() => _socket.Dispose();

    /// <summary>Writes a name into a request; false when it is empty or too long for any interface to have it.</summary>
    internal static bool TrySetName(Libc.InterfaceRequest* request, string name)
    {
        Span<byte> field = new(request->Name, Libc.IFNAMSIZ);
        field.Clear();
        return Encoding.UTF8.GetByteCount(name) is > 0 and <= MaxNameBytes && Encoding.UTF8.TryGetBytes(name, field, out _);
    }

    private bool Request(uint number, Libc.InterfaceRequest* request) => Libc.Ioctl(_socket.Number, number, (nint)request) == 0;

    private Errno Try(uint number, Libc.InterfaceRequest* request) => Request(number, request) ? Errno.None : LinuxException.Last;
}
