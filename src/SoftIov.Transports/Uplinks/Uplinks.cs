namespace SoftIov.Transports.Uplinks;

/// <summary>
/// Opens uplinks, and watches the host's interfaces for them. One per daemon; the network namespace is that of the thread that makes it.
/// Disposed of after its uplinks.
/// </summary>
public sealed class Uplinks : IDisposable
{
    /// <summary>Opens an uplink.</summary>
    /// <exception cref="Linux.LinuxException">
    /// No such interface, not of this kind, in use by another program, a name that is too long, no permission: the message says which.
    /// </exception>
    public IUplink Open(UplinkOptions options) => options.Medium switch
    {
        UplinkMedium.Nothing => new NoUplink(),
        _ => throw new NotSupportedException("Taps and interfaces are about to come."),
    };

    /// <inheritdoc/>
    public void Dispose()
    {
    }
}
