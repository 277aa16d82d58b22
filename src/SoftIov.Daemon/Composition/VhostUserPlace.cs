using SoftIov.Api;
using SoftIov.Devices.Virtio;
using SoftIov.Linux;
using SoftIov.Pcie;
using SoftIov.Transports.VhostUser;

namespace SoftIov.Daemon.Composition;

/// <summary>The rings of a VF at a vhost-user socket: one of its own, or a front-end's.</summary>
internal sealed class VhostUserPlace : IServedSocket
{
    private readonly VhostUserSocket _socket;

    /// <summary>Serves; events are followed before the first front-end can come.</summary>
    public VhostUserPlace(
        VhostUserServer server, IEndpoint endpoint, IRingDevice device, VhostUserSocketOptions options, Func<IServedSocket, SocketEvents> follow) =>
        _socket = server.Serve(endpoint, device, options, socket =>
        {
            SocketEvents events = follow(this);
            socket.Attached += _ => events.Attached();
            socket.Detached += (_, reason) => events.Detached(reason);
            socket.Warned += (_, what) => events.Warned(what);
        });

    /// <inheritdoc/>
    public string Transport => TransportName.VhostUser;

    /// <inheritdoc/>
    public string Path => _socket.Path;

    /// <inheritdoc/>
    public bool IsOurs => !_socket.IsClient;

    /// <inheritdoc/>
    public (PeerCredentials Peer, DateTimeOffset Since, long MappedBytes)? Attachment =>
        _socket?.Attachment is { } one ? (one.Peer, one.Since, one.MappedBytes) : null;

    /// <inheritdoc/>
    public void Disconnect(string reason) => _socket.Disconnect(reason);

    /// <inheritdoc/>
    public void Dispose() => _socket.Dispose();
}
