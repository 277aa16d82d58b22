using SoftIov.Pcie;

namespace SoftIov.Transports.VfioUser;

/// <summary>
/// Serves endpoints to VMMs by the vfio-user protocol (version 0.0): one thread, one loop, any number of sockets. What a client does wrong
/// is answered with an error or ends its session; the others notice nothing.
/// </summary>
public sealed class VfioUserServer : IDisposable
{
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
    }

    /// <summary>
    /// Opens a socket for an endpoint; clients may connect from now on. Throws <see cref="SoftIov.Linux.LinuxException"/> when the path cannot
    /// be bound. From any thread.
    /// </summary>
    public VfioUserSocket Serve(IEndpoint endpoint, VfioUserSocketOptions options) => new(endpoint, options);

    /// <summary>Closes all sockets and ends the loop.</summary>
    public void Dispose() => GC.SuppressFinalize(this);
}
