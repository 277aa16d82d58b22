using SoftIov.Devices.Virtio;
using SoftIov.Linux;
using SoftIov.Pcie;

namespace SoftIov.Transports.VhostUser;

/// <summary>
/// Serves the rings of virtio functions to front-ends by the vhost-user protocol: one thread, one loop, any number of sockets. What a
/// front-end does wrong is refused or ends its session; the others notice nothing.
/// </summary>
public sealed class VhostUserServer : IDisposable
{
    /// <summary>Starts the loop.</summary>
    public VhostUserServer(TimeProvider time)
        : this(time, new VhostUserSettings())
    {
    }

    /// <summary>
    /// Starts the loop. <paramref name="sleeps"/> are those of the pollers that look at the rings, in their order: they wait for kicks themselves.
    /// Without them the loop does. They are in use until the server is disposed of.
    /// </summary>
    public VhostUserServer(TimeProvider time, VhostUserSettings settings, IReadOnlyList<EpollSleep>? sleeps = null)
    {
        ArgumentNullException.ThrowIfNull(time);
        Sleeps = sleeps ?? [];
        ArgumentNullException.ThrowIfNull(settings);
        Time = time;
        Settings = settings;
        Mappings = new MappingBudget(settings.TotalFiles, settings.TotalMappedBytes);
        EventFd.RequireSharedSignals();
        Loop = new SocketLoop("softiov-vhost", time, (socket, broken) => SocketFaulted?.Invoke(OwnerOf(socket), broken));
    }

    /// <summary>
    /// Serving a socket threw, which is a broken invariant: its session was ended, the others go on. Raised on a thread of the pool.
    /// </summary>
    public event Action<VhostUserSocket, Exception>? SocketFaulted;

    internal TimeProvider Time { get; }

    internal VhostUserSettings Settings { get; }

    internal MappingBudget Mappings { get; }

    internal IReadOnlyList<EpollSleep> Sleeps { get; }

    internal SocketLoop Loop { get; }

    /// <summary>
    /// Opens a socket for a function's rings; front-ends may connect from now on. Throws <see cref="LinuxException"/> when the path cannot be
    /// bound. From any thread. Events of the socket should be subscribed to with <paramref name="prepare"/>, before the first can come.
    /// </summary>
    public VhostUserSocket Serve(
        IEndpoint endpoint, IRingDevice device, VhostUserSocketOptions options, Action<VhostUserSocket>? prepare = null)
    {
        ArgumentNullException.ThrowIfNull(endpoint);
        ArgumentNullException.ThrowIfNull(device);
        ArgumentNullException.ThrowIfNull(options);
        VhostUserSocket socket = new(this, endpoint, device, options);
        prepare?.Invoke(socket);
        socket.Open();
        return socket;
    }

    /// <summary>Closes all sockets and ends the loop.</summary>
    public void Dispose() => Loop.Dispose();

    private static VhostUserSocket OwnerOf(ILoopSocket socket) => (VhostUserSocket)((SessionSocket<VhostUserSession>)socket).Owner;
}
