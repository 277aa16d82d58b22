using System.Text;
using SoftIov.Datapath;
using SoftIov.Linux;

namespace SoftIov.Transports.Uplinks;

/// <summary>
/// Opens uplinks, and watches the host's interfaces for them. One per daemon; the network namespace is that of the thread that makes it.
/// Disposed of after its uplinks.
/// </summary>
public sealed class Uplinks : IDisposable
{
    /// <summary>Since when the kernel takes UDP segmentation from packet sockets.</summary>
    private static readonly Version UdpSegmentation = new(6, 2);

    private readonly LinkMonitor _monitor;

    /// <summary>Begins to watch.</summary>
    public Uplinks()
    {
        _monitor = new LinkMonitor((uplink, broken) => UplinkFaulted?.Invoke(uplink, broken));
    }

    /// <summary>Whoever was told of a change of carrier threw. Raised on the watching thread, which goes on.</summary>
    public event Action<IUplink, Exception>? UplinkFaulted;

    private HostInterfaces Interfaces => _monitor.Interfaces;

    /// <summary>Opens an uplink.</summary>
    /// <exception cref="LinuxException">
    /// No such interface, not of this kind, in use by another program, a name that is too long, no permission: the message says which, and what
    /// to do.
    /// </exception>
    public IUplink Open(UplinkOptions options) => options.Medium switch
    {
        UplinkMedium.Tap => OpenTap(options),
        UplinkMedium.Interface => OpenInterface(options.Name),
        _ => new NoUplink(),
    };

    /// <inheritdoc/>
    public void Dispose() => _monitor.Dispose();

    private TapUplink OpenTap(UplinkOptions options)
    {
        string name = options.Name;
        bool isNew = RequireIndexOf(name, options.Create ? null : $"make it (ip tuntap add {name} mode tap), or have it made") == 0;
        TapDevice tap = OpenTapDevice(name, isNew);
        try
        {
            Prepare(name, isNew, options.Mtu);
            var uplink = new TapUplink(tap, _monitor);
            uplink.Start(Interfaces.IndexOf(name));
            return uplink;
        }
        catch
        {
            tap.Dispose();
            throw;
        }
    }

    private static TapDevice OpenTapDevice(string name, bool isNew)
    {
        try
        {
            return TapDevice.Open(name);
        }
        catch (LinuxException refused)
        {
            string? advice = refused.Errno switch
            {
                Errno.EPERM when isNew => $"run as root, or let root make it for this user: ip tuntap add {name} mode tap user NAME",
                Errno.EPERM or Errno.EACCES => "run as root, or as the user the tap was made for",
                Errno.EBUSY => "another program has it open",
                Errno.EINVAL => "there is an interface of that name, and it is no tap",
                Errno.ENOENT or Errno.ENODEV or Errno.ENXIO => "load the kernel module tun",
                _ => null,
            };
            throw new LinuxException(refused.Call, refused.Errno, $"tap {name}", advice);
        }
    }

    /// <summary>What exists keeps its MTU, and that it cannot be brought up is its owner's affair.</summary>
    private void Prepare(string name, bool isNew, int mtu)
    {
        if (isNew && Interfaces.TrySetMtu(name, mtu) is var mtuError and not Errno.None)
        {
            throw new LinuxException("ioctl(SIOCSIFMTU)", mtuError, $"tap {name}", $"{mtu} bytes is an MTU it cannot have");
        }

        Errno upError = Interfaces.TryBringUp(name);
        if (isNew && upError != Errno.None)
        {
            throw new LinuxException("ioctl(SIOCSIFFLAGS)", upError, $"tap {name}");
        }
    }

    private PacketUplink OpenInterface(string name)
    {
        int index = RequireIndexOf(name, "ip link shows what there is");
        if (!Interfaces.IsEthernet(name))
        {
            throw new LinuxException("ioctl(SIOCGIFHWADDR)", Errno.EINVAL, $"interface {name}", "it carries no Ethernet frames");
        }

        PacketSocket socket = OpenPacketSocket(name);
        if (socket.TryBind(index) is var error and not Errno.None)
        {
            socket.Dispose();
            throw new LinuxException("bind", error, $"interface {name}");
        }

        OffloadSet udp = Environment.OSVersion.Version >= UdpSegmentation ? OffloadSet.UdpV4 | OffloadSet.UdpV6 : OffloadSet.None;
        OffloadSet offloads = OffloadSet.Checksum | OffloadSet.TcpV4 | OffloadSet.TcpV6 | OffloadSet.TcpEcn | udp;
        var uplink = new PacketUplink(name, socket, offloads, _monitor);
        uplink.Start(index);
        return uplink;
    }

    private PacketSocket OpenPacketSocket(string name)
    {
        try
        {
            return PacketSocket.Open(Interfaces.MtuOf(name));
        }
        catch (LinuxException refused)
        {
            string? advice = refused.Errno is Errno.EPERM or Errno.EACCES ? "run as root, or with the capability CAP_NET_RAW" : null;
            throw new LinuxException(refused.Call, refused.Errno, $"interface {name}", advice);
        }
    }

    /// <summary>Index of an interface; 0 when there is none of that name, which is an error unless there is no advice for it.</summary>
    private int RequireIndexOf(string name, string? adviceIfMissing)
    {
        int bytes = Encoding.UTF8.GetByteCount(name);
        if (bytes is 0 or > HostInterfaces.MaxNameBytes)
        {
            Errno error = bytes == 0 ? Errno.EINVAL : Errno.ENAMETOOLONG;
            throw new LinuxException("ioctl(SIOCGIFINDEX)", error, $"interface '{name}'", $"names have 1 to {HostInterfaces.MaxNameBytes} bytes");
        }

        int index = Interfaces.IndexOf(name);
        return index != 0 || adviceIfMissing is null
            ? index
            : throw new LinuxException("ioctl(SIOCGIFINDEX)", Errno.ENODEV, $"interface {name}", adviceIfMissing);
    }
}
