using SoftIov.Linux;
using SoftIov.Pcie;

namespace SoftIov.Transports.VfioUser;

/// <summary>
/// Serves endpoints to VMMs by the vfio-user protocol (version 0.0): one thread, one loop, any number of sockets. What a client does wrong
/// is answered with an error or ends its session; the others notice nothing.
/// <code>
/// using var server = new VfioUserServer(TimeProvider.System);
/// using VfioUserSocket socket = server.Serve(adapter.Vf(3)!, new() { Path = "/run/softiov/net0-3.sock" });
/// </code>
/// </summary>
public sealed class VfioUserServer : IDisposable
{
    /// <summary>Starts the loop.</summary>
    public VfioUserServer(TimeProvider time)
        : this(time, new VfioUserSettings())
    {
    }

    /// <summary>Starts the loop; its thread is called softiov-<paramref name="name"/>.</summary>
    public VfioUserServer(TimeProvider time, VfioUserSettings settings, string name = "vfio-user")
    {
        ArgumentNullException.ThrowIfNull(time);
        ArgumentNullException.ThrowIfNull(settings);
        Time = time;
        Settings = settings;
        Mappings = new MappingBudget(settings.TotalFiles, settings.TotalMappedBytes);
        EventFd.RequireSharedSignals();
        Loop = new SocketLoop($"softiov-{name}", time, (socket, broken) => SocketFaulted?.Invoke(OwnerOf(socket), broken));
    }

    /// <summary>
    /// Serving a socket threw, which is a broken invariant: its session was ended, the others go on. Raised on a thread of the pool.
    /// </summary>
    public event Action<VfioUserSocket, Exception>? SocketFaulted;

    internal TimeProvider Time { get; }

    internal VfioUserSettings Settings { get; }

    internal MappingBudget Mappings { get; }

    internal SocketLoop Loop { get; }

    /// <summary>
    /// Opens a socket for an endpoint; clients may connect from now on. Throws <see cref="LinuxException"/> when the path cannot be bound.
    /// From any thread. Events of the socket should be subscribed to with <paramref name="prepare"/>, before the first client can come.
    /// </summary>
    public VfioUserSocket Serve(IEndpoint endpoint, VfioUserSocketOptions options, Action<VfioUserSocket>? prepare = null)
    {
        ArgumentNullException.ThrowIfNull(endpoint);
        ArgumentNullException.ThrowIfNull(options);
        VfioUserSocket socket = new(this, endpoint, options);
        prepare?.Invoke(socket);
        socket.Open();
        return socket;
    }

    /// <summary>Closes all sockets and ends the loop.</summary>
    public void Dispose() => Loop.Dispose();

    private static VfioUserSocket OwnerOf(ILoopSocket socket) => (VfioUserSocket)((SessionSocket<VfioUserSession>)socket).Owner;
}
