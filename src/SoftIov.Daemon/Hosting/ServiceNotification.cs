using System.Net.Sockets;
using System.Text;

namespace SoftIov.Daemon.Hosting;

/// <summary>Tells systemd how far the daemon is (sd_notify(3)), where it was started by it.</summary>
internal static class ServiceNotification
{
    private const string Variable = "NOTIFY_SOCKET";

    /// <summary>The daemon serves.</summary>
    public static void Ready()
    {
        if (Environment.GetEnvironmentVariable(Variable) is not { Length: > 1 } path)
            return;
        // A path that starts with @ is a name in the abstract space, whose first byte is 0.
        string name = path[0] == '@' ? "\0" + path[1..] : path;
        using var socket = new Socket(AddressFamily.Unix, SocketType.Dgram, ProtocolType.Unspecified);
        try
        {
            socket.SendTo(Encoding.UTF8.GetBytes("READY=1"), new UnixDomainSocketEndPoint(name));
        }
        catch (SocketException)
        {
            // Whoever waited is gone; the daemon goes on.
        }
    }
}
