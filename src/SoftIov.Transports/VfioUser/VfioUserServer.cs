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
public sealed partial class VfioUserServer : IDisposable
{
    private readonly Thread _thread;
    private readonly LoopWait _wait;
    private long _lastNumber;

    /// <summary>Starts the loop.</summary>
    public VfioUserServer(TimeProvider time)
        : this(time, new VfioUserSettings())
    {
    }

    /// <summary>Starts the loop.</summary>
    public VfioUserServer(TimeProvider time, VfioUserSettings settings)
    {
        ArgumentNullException.ThrowIfNull(time);
        ArgumentNullException.ThrowIfNull(settings);
        Time = time;
        Settings = settings;
        Watch = new InterruptWatch();
        _wait = new LoopWait(Loop);
        Loop.Add(_wake.Descriptor, EpollEvents.In, WakeToken);
        _thread = new Thread(Run) { IsBackground = true, Name = "softiov-vfio-user" };
        _thread.Start();
    }

    /// <summary>
    /// Serving a socket threw, which is a broken invariant: its session was ended, the others go on. Raised on a thread of the pool.
    /// </summary>
    public event Action<VfioUserSocket, Exception>? SocketFaulted;

    internal TimeProvider Time { get; }

    internal VfioUserSettings Settings { get; }

    internal InterruptWatch Watch { get; }

    /// <summary>
    /// Opens a socket for an endpoint; clients may connect from now on. Throws <see cref="LinuxException"/> when the path cannot be bound.
    /// From any thread. Events of the socket should be subscribed to with <paramref name="prepare"/>, before the first client can come.
    /// </summary>
    public VfioUserSocket Serve(IEndpoint endpoint, VfioUserSocketOptions options, Action<VfioUserSocket>? prepare = null)
    {
        ArgumentNullException.ThrowIfNull(endpoint);
        ArgumentNullException.ThrowIfNull(options);
        VfioUserSocket socket = new(this, endpoint, options, (ulong)Interlocked.Increment(ref _lastNumber));
        prepare?.Invoke(socket);
        bool isPosted = Post(socket, added =>
        {
            _sockets.Add(added.Number, added);
            added.Open();
        });
        if (isPosted)
            return socket;
        socket.Close(Stopped);
        throw new ObjectDisposedException(nameof(VfioUserServer));
    }

    /// <summary>Closes all sockets and ends the loop.</summary>
    public void Dispose()
    {
        if (IsLoopThread)
            throw new InvalidOperationException("Not from a handler of the loop.");
        if (Interlocked.Exchange(ref _isStopping, true))
            return;
        _wake.Signal();
        _thread.Join();
        Watch.Dispose();
        Loop.Dispose();
        _wake.Dispose();
    }
}
