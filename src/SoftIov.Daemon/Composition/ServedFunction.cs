using SoftIov.Api;
using SoftIov.Daemon.Hosting;
using SoftIov.Linux;
using SoftIov.Pcie;
using SoftIov.Transports.VfioUser;

namespace SoftIov.Daemon.Composition;

/// <summary>
/// A function at its socket: who may connect (decision D11: root, the daemon's own user, and the owner of the lease), who is there, and
/// the events of coming and going.
/// </summary>
internal sealed class ServedFunction : IDisposable
{
    private const string VfioUser = "vfio-user";

    private const long NoOwner = -1;

    private readonly EventHub _events;
    private readonly VfioUserSocket _socket;
    private long _owner = NoOwner;

    /// <summary>Serves <paramref name="endpoint"/> as <paramref name="target"/> at <paramref name="path"/>.</summary>
    public ServedFunction(AdapterContext context, string target, IEndpoint endpoint, string path, bool allowUnsealedMemory)
    {
        _events = context.Events;
        Target = target;
        Endpoint = endpoint;
        var options = new VfioUserSocketOptions
        {
            Path = path,
            AllowUnsealedMemory = allowUnsealedMemory,
            Admit = MayConnect,
        };
        _socket = context.Server.Serve(endpoint, options, Follow);
    }

    /// <summary>How commands name it.</summary>
    public string Target { get; }

    /// <summary>The function.</summary>
    public IEndpoint Endpoint { get; }

    /// <summary>Where clients connect.</summary>
    public string Path => _socket.Path;

    /// <summary>User who has the lease beside root and the daemon's own user; null when nobody has.</summary>
    public uint? Owner
    {
        get => Volatile.Read(ref _owner) is >= 0 and var owner ? (uint)owner : null;
        set
        {
            Volatile.Write(ref _owner, value ?? NoOwner);
            ProcessUser.GiveFile(_socket.Path, value ?? ProcessUser.Id);
        }
    }

    /// <summary>Who is attached; null when nobody is.</summary>
    public AttachmentStatus? Attachment => AttachmentOf(_socket);

    /// <summary>Ends the attachment; the socket stays.</summary>
    public void Disconnect(string reason) => _socket.Disconnect(reason);

    /// <summary>Ends the attachment and removes the socket.</summary>
    public void Dispose() => _socket.Dispose();

    private bool MayConnect(PeerCredentials peer) =>
        peer.UserId == 0 || peer.UserId == ProcessUser.Id || peer.UserId == Volatile.Read(ref _owner);

    /// <summary>Before the first client can come, so that none comes unseen.</summary>
    private void Follow(VfioUserSocket socket)
    {
        socket.Attached += OnAttached;
        socket.Detached += (_, reason) => _events.Publish(EventKind.Detached, Target, reason);
        socket.Warned += (_, what) => _events.Publish(EventKind.Warned, Target, what);
    }

    private void OnAttached(VfioUserSocket socket)
    {
        if (AttachmentOf(socket) is { } one)
            _events.Publish(EventKind.Attached, Target, $"process {one.ProcessId} ({one.Command ?? "unknown"}) of user {one.UserId}");
    }

    private static AttachmentStatus? AttachmentOf(VfioUserSocket socket) => socket.Attachment is not { } attachment
        ? null
        : new AttachmentStatus(
            VfioUser,
            attachment.Peer.ProcessId,
            (int)attachment.Peer.UserId,
            attachment.Since,
            attachment.MappedBytes,
            CommandOf(attachment.Peer.ProcessId));

    private static string? CommandOf(int processId)
    {
        try
        {
            return File.ReadAllText($"/proc/{processId}/comm").TrimEnd('\n');
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            return null; // gone meanwhile, or of another pid namespace
        }
    }
}
