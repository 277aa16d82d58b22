using SoftIov.Linux;
using SoftIov.Pcie;

namespace SoftIov.Transports.VfioUser;

/// <summary>
/// One client on one socket, from its connection on. Served by the loop thread, commands strictly in order; pollers reach it through its
/// interrupts and its <see cref="MessageDma"/>.
/// </summary>
internal sealed partial class VfioUserSession : ISession, IReplies
{
    // A turn ends after so many commands or so long, so that a busy client leaves the loop to others.
    private const int Burst = 32;
    private static readonly TimeSpan Turn = TimeSpan.FromMilliseconds(1);

    private readonly VfioUserSocket _socket;
    private readonly IEndpoint _endpoint;
    private readonly InterruptLines _interrupts;
    private readonly ClientMemory _memory;
    private readonly MessageInput _input;
    private MessageDma? _messages;
    private SharedPages? _pages;
    private SessionEnd? _end;
    private byte[] _answer = new byte[512];
    private long _commandSince;

    public VfioUserSession(VfioUserSocket socket, UnixStream stream, PeerCredentials peer)
    {
        _socket = socket;
        _endpoint = socket.Endpoint;
        Stream = stream;
        Peer = peer;
        _input = new MessageInput(stream, this);
        Output = new MessageOutput(stream, socket.Server.Loop.Events, socket.Sessions.StreamToken, () => Condemn("the client does not read"));
        _interrupts = new InterruptLines(_endpoint, socket.Server.Loop.Events, Output, socket.Sessions.Token(0));
        _memory = new ClientMemory(
            _endpoint.Dma,
            new FileViews(socket.Options.AllowUnsealedMemory, Settings.MaximumFiles, Settings.MaximumMappedBytes, socket.Server.Mappings));
    }

    /// <summary>Who connected.</summary>
    public PeerCredentials Peer { get; }

    /// <summary>When a version was agreed on; null before.</summary>
    public DateTimeOffset? Since { get; private set; }

    /// <summary>The connection.</summary>
    public UnixStream Stream { get; }

    /// <summary>Its sending half.</summary>
    public MessageOutput Output { get; }

    public SessionCounts Counts => _socket.Counts;

    public VfioUserSettings Settings => _socket.Server.Settings;

    public TimeProvider Time => _socket.Server.Time;

    public bool IsLoopThread => _socket.Server.Loop.IsLoopThread;

    /// <summary>Bytes of guest address space that are mapped; from any thread.</summary>
    public long MappedBytes => _memory.MappedBytes;

    /// <summary>Serves what came, one turn; says when the session is over, and why.</summary>
    public SessionEnd? Serve()
    {
        if (Output.IsBlocked && !Output.Flush())
            return SessionEnd.ByClient;
        long start = Time.GetTimestamp();
        bool isAwaited = false;
        for (int i = 0; i < Burst && !Output.IsBlocked && Time.GetElapsedTime(start) < Turn; i++)
        {
            // Who waits for an answer has sent nothing behind its command, and if so the loop will be told.
            Message? command = _input.TakeCommand(mayReceive: !isAwaited, out SessionEnd? end);
            if (command is null)
                return end;
            isAwaited = !command.Header.IsPosted;
            Execute(command);
            if (Stream.Unclaimed.IsOverwhelmed)
                _end ??= SessionEnd.Broken("it sends descriptors that cannot be closed");
            if (_end is not null)
                return _end;
        }

        // The socket tells the loop about what it holds, but not about what was read ahead.
        if (_input.HasWaiting && !Output.IsBlocked)
            _socket.Server.Loop.Nudge(_socket.Sessions);
        return null;
    }

    /// <summary>The client wrote to its unmask eventfd.</summary>
    public void Ready(int which) => _interrupts.UnmaskIntx();

    /// <summary>
    /// How long the loop has been busy with the command of this client that it is in; zero when it is in none. From any thread.
    /// </summary>
    public TimeSpan CommandTime()
    {
        long since = Volatile.Read(ref _commandSince);
        return since == 0 ? TimeSpan.Zero : Time.GetElapsedTime(since);
    }

    /// <summary>Reads ahead of the loop, for a poller that waits for an answer.</summary>
    public PumpResult PumpInput()
    {
        PumpResult result = _input.Pump(out bool forLoop);
        if (forLoop)
            _socket.Server.Loop.Nudge(_socket.Sessions);
        return result;
    }

    /// <summary>Ends the session soon. From any thread.</summary>
    public void Condemn(string why) => _socket.Sessions.Condemn(this, SessionEnd.Broken(why));

    /// <inheritdoc/>
    public bool Deliver(in MessageHeader header, ReadOnlySpan<byte> body) => _messages?.Deliver(header, body) == true;

    /// <summary>
    /// Takes the endpoint away from the client: when it returns the client's memory, eventfds and connection are in nobody's use any more.
    /// The endpoint is as at power-on then: the next client is another tenant, who must not find what this one did or wrote.
    /// </summary>
    public void Close()
    {
        _messages?.Suspend();
        Output.Close();
        _input.Close();
        try
        {
            if (Since is not null)
                Detach();
        }
        finally
        {
            _interrupts.Clear();
            Stream.EndAndDispose();
        }
    }

    private void Detach()
    {
        try
        {
            _endpoint.Interrupts = null;
            _endpoint.ColdReset();
            _endpoint.ShareMemory(null);
            _pages?.Dispose();
        }
        finally
        {
            _memory.Clear();
            _endpoint.Dma.Messages = null;
        }
    }
}
