using SoftIov.Api;
using SoftIov.Linux;
using SoftIov.Pcie;
using SoftIov.Transports.VfioUser;

namespace SoftIov.Daemon.Composition;

/// <summary>A PCI function at a vfio-user socket.</summary>
internal sealed class VfioUserPlace : IServedSocket
{
    private readonly VfioUserSocket _socket;

    /// <summary>Serves; events are followed before the first client can come.</summary>
    public VfioUserPlace(VfioUserServer server, IEndpoint endpoint, VfioUserSocketOptions options, Func<IServedSocket, SocketEvents> follow) =>
        _socket = server.Serve(endpoint, options, socket =>
        {
            SocketEvents events = follow(this);
            socket.Attached += _ => events.Attached();
            socket.Detached += (_, reason) => events.Detached(reason);
            socket.Warned += (_, what) => events.Warned(what);
        });

    /// <inheritdoc/>
    public string Transport => TransportName.VfioUser;

    /// <inheritdoc/>
    public string Path => _socket.Path;

    /// <inheritdoc/>
    public bool IsOurs => true;

    /// <inheritdoc/>
    public (PeerCredentials Peer, DateTimeOffset Since, long MappedBytes)? Attachment =>
        _socket?.Attachment is { } one ? (one.Peer, one.Since, one.MappedBytes) : null;

    /// <inheritdoc/>
    public void Disconnect(string reason) => _socket.Disconnect(reason);

    /// <inheritdoc/>
    public void Dispose() => _socket.Dispose();
}
