using SoftIov.Api;
using SoftIov.Linux;
using SoftIov.Pcie;
using SoftIov.Transports.VfioUser;
using SoftIov.Transports.VhostUser;

namespace SoftIov.Daemon.Composition;

/// <summary>
/// A function at its socket: who may connect (decision D11: root, the daemon's own user, and the owner of the lease), who is there, and
/// the events of coming and going. A function has one socket at a time, so one owner, whatever is spoken there.
/// </summary>
internal sealed class ServedFunction : IDisposable
{
    private const long NoOwner = -1;

    private readonly AdapterContext _context;
    private readonly string _directory;
    private readonly string _fileName;
    private readonly bool _allowUnsealedMemory;
    private IServedSocket _socket;
    private long _owner = NoOwner;

    /// <summary>
    /// Serves <paramref name="endpoint"/> as <paramref name="target"/> at a socket in <paramref name="place"/>: the PCI function, or its
    /// <paramref name="rings"/>.
    /// </summary>
    public ServedFunction(
        AdapterContext context, string target, IEndpoint endpoint, (string Directory, string FileName) place, bool allowUnsealedMemory,
        ServedRings? rings)
    {
        _context = context;
        (_directory, _fileName) = place;
        _allowUnsealedMemory = allowUnsealedMemory;
        Target = target;
        Endpoint = endpoint;
        _socket = Open(rings);
    }

    /// <summary>How commands name it.</summary>
    public string Target { get; }

    /// <summary>The function.</summary>
    public IEndpoint Endpoint { get; }

    /// <summary>What is spoken at its socket.</summary>
    public string Transport => _socket.Transport;

    /// <summary>Where clients connect, or where the front-end listens that is connected to.</summary>
    public string Path => _socket.Path;

    /// <summary>Whether clients connect.</summary>
    public bool IsListening => _socket.IsOurs;

    /// <summary>Whether a client that has it sees MSI-X vectors of the function.</summary>
    public bool HasMsix => Transport == TransportName.VfioUser && Endpoint.MsixVectorCount > 0;

    /// <summary>User who has the lease beside root and the daemon's own user; null when nobody has.</summary>
    public uint? Owner
    {
        get => Volatile.Read(ref _owner) is >= 0 and var owner ? (uint)owner : null;
        set
        {
            Volatile.Write(ref _owner, value ?? NoOwner);
            GiveFile();
        }
    }

    /// <summary>Who is attached; null when nobody is.</summary>
    public AttachmentStatus? Attachment => AttachmentOf(_socket);

    /// <summary>Serves it in another way from now on; who has it loses it.</summary>
    public void Move(ServedRings? rings)
    {
        _socket.Disconnect("it is served in another way now");
        _socket.Dispose();
        _socket = Open(rings);
        GiveFile();
    }

    /// <summary>Ends the attachment and waits for its end; the socket stays.</summary>
    public void Disconnect(string reason) => _socket.Disconnect(reason);

    /// <summary>Ends the attachment and removes the socket.</summary>
    public void Dispose() => _socket.Dispose();

    private IServedSocket Open(ServedRings? rings)
    {
        Directory.CreateDirectory(_directory);
        string path = System.IO.Path.Combine(_directory, $"{_fileName}.sock");
        if (rings is null)
        {
            var options = new VfioUserSocketOptions { Path = path, AllowUnsealedMemory = _allowUnsealedMemory, Admit = MayConnect };
            return new VfioUserPlace(_context.Server, Endpoint, options, Follow);
        }

        var vhost = new VhostUserSocketOptions
        {
            // A name of its own: a client of the other protocol would not understand a word.
            Path = rings.FrontEnd ?? System.IO.Path.Combine(_directory, $"{_fileName}-vhost.sock"),
            IsClient = rings.FrontEnd is not null,
            AllowUnsealedMemory = _allowUnsealedMemory,
            Admit = MayConnect,
        };
        return new VhostUserPlace(_context.VhostServer, Endpoint, rings.Device, vhost, Follow);
    }

    private void GiveFile()
    {
        if (_socket.IsOurs)
            ProcessUser.GiveFile(_socket.Path, Owner ?? ProcessUser.Id);
    }

    private bool MayConnect(PeerCredentials peer) =>
        peer.UserId == 0 || peer.UserId == ProcessUser.Id || peer.UserId == Volatile.Read(ref _owner);

    /// <summary>Before the first client can come, so that none comes unseen.</summary>
    private SocketEvents Follow(IServedSocket socket) => new(
        () => OnAttached(socket),
        reason => _context.Events.Publish(EventKind.Detached, Target, reason),
        what => _context.Events.Publish(EventKind.Warned, Target, what));

    private void OnAttached(IServedSocket socket)
    {
        if (AttachmentOf(socket) is { } one)
        {
            string who = $"process {one.ProcessId} ({one.Command ?? "unknown"}) of user {one.UserId}";
            _context.Events.Publish(EventKind.Attached, Target, one.By == TransportName.VfioUser ? who : $"{who}, by {one.By}");
        }
    }

    private static AttachmentStatus? AttachmentOf(IServedSocket socket) => socket.Attachment is not var (peer, since, mapped)
        ? null
        : new AttachmentStatus(socket.Transport, peer.ProcessId, (int)peer.UserId, since, mapped, CommandOf(peer.ProcessId));

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
