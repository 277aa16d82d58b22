using System.Buffers.Binary;
using SoftIov.Devices.Virtio;
using SoftIov.Linux;
using SoftIov.Memory;
using SoftIov.Pcie;

namespace SoftIov.Transports.VhostUser;

/// <summary>
/// One front-end on one socket, from its connection on (vhost-user specification; docs/spec/vhost-user.md). Served by the loop thread,
/// messages strictly in order; pollers reach it through the lines of its rings.
/// </summary>
internal sealed partial class VhostUserSession : ISession, IRingSignals
{
    // A turn ends after so many messages or so long, so that a busy front-end leaves the loop to others.
    private const int Burst = 32;
    private static readonly TimeSpan Turn = TimeSpan.FromMilliseconds(1);

    private readonly VhostUserSocket _socket;
    private readonly IRingDevice _device;
    private readonly FileViews _files;
    private readonly FrontEndMemory _memory;
    private readonly FrontEndRing[] _rings;
    private readonly VhostUserMessage _message;
    private readonly byte[] _answer = new byte[VhostUserHeader.Length + InflightDescription.PaddedLength];
    private SessionEnd? _end;

    public VhostUserSession(VhostUserSocket socket, UnixStream stream, PeerCredentials peer)
    {
        _socket = socket;
        _device = socket.Device;
        Stream = stream;
        _message = new VhostUserMessage(stream);
        Peer = peer;
        VhostUserSettings settings = socket.Server.Settings;
        _files = new FileViews(socket.Options.AllowUnsealedMemory, settings.MaximumFiles, settings.MaximumMappedBytes, socket.Server.Mappings);
        _memory = new FrontEndMemory(Endpoint.Dma, _files);
        _misses = new IotlbMisses(socket.Server.Time, () => socket.Sessions.Post(this, static session => session.SendMisses()));
        _rings = [.. Enumerable.Range(0, _device.RingCount).Select(index => new FrontEndRing(index))];
    }

    /// <summary>Who connected.</summary>
    public PeerCredentials Peer { get; }

    /// <summary>When it said its first word; null before.</summary>
    public DateTimeOffset? Since { get; private set; }

    /// <summary>The connection.</summary>
    public UnixStream Stream { get; }

    /// <summary>Bytes of memory that are mapped; from any thread.</summary>
    public long MappedBytes => _memory.MappedBytes;

    private IEndpoint Endpoint => _socket.Endpoint;

    /// <summary>Serves what came, one turn; says when the session is over, and why.</summary>
    public SessionEnd? Serve()
    {
        TimeProvider time = _socket.Server.Time;
        long start = time.GetTimestamp();
        for (int i = 0; i < Burst && _unanswered is null && time.GetElapsedTime(start) < Turn; i++)
        {
            if (_end is not null || !TryReceive())
                return _end;
            Execute();
        }

        return _end;
    }

    /// <summary>The driver kicked a ring.</summary>
    public void Ready(int which) => _device.Kick(which);

    /// <inheritdoc/>
    void IRingSignals.Used(int ring) => _rings[ring].Call?.Signal();

    /// <inheritdoc/>
    void IRingSignals.Failed(int ring, VirtioFaultReason reason, VirtqueueFault detail)
    {
        if ((uint)ring < (uint)_rings.Length)
            _rings[ring].Error?.Signal();
    }

    /// <summary>
    /// Takes the device away from the front-end: when it returns its memory, eventfds and connection are in nobody's use any more. The device
    /// is as at power-on then, since a front-end says everything anew when it comes back, and who comes next may be another tenant.
    /// </summary>
    public void Close()
    {
        _message.Clear();
        try
        {
            if (Since is not null)
            {
                _device.Close();
                Endpoint.ColdReset();
            }
        }
        finally
        {
            EndLog();
            ReleaseInflight(null);
            ReplaceChannel(null);
            _memory.Clear();
            foreach (FrontEndRing ring in _rings)
                Forget(ring);
            Stream.EndAndDispose();
        }
    }

    /// <summary>The front-end said its first word: the device is its own from now on.</summary>
    private bool TryBegin()
    {
        Endpoint.Reset();
        if (!_device.Open(this))
            return false;
        EnableBusMastering();
        Since = _socket.Server.Time.GetUtcNow();
        _socket.SessionBegan(this);
        return true;
    }

    private bool TryReceive()
    {
        while (!_message.IsComplete)
        {
            IoResult result = _message.Receive();
            if (result.WouldBlock)
                return false;
            if (result.Error == Errno.EINTR)
                continue;
            if (!result.Ok || result.Bytes == 0)
                _end = _message.IsEmpty ? SessionEnd.ByClient : SessionEnd.Broken("the front-end went away within a message");
            else if (_message.HasHeader)
                CheckHeader(_message.Header);
            if (_end is not null)
                return false;
        }

        return true;
    }

    private void CheckHeader(in VhostUserHeader header)
    {
        if (!header.IsRequest)
            _end = SessionEnd.Broken($"a message that is no request of version 1 (flags 0x{header.Flags:x})");
        else if (header.Size > VhostUserLimits.Payload)
            _end = SessionEnd.Broken($"a message of {header.Size} bytes");
    }

    /// <summary>As the driver of a PCI function does it: rings reach nothing before.</summary>
    private void EnableBusMastering()
    {
        const int CommandOffset = 4;
        const ushort BusMasterEnable = 4;
        Span<byte> bytes = stackalloc byte[sizeof(ushort)];
        if (!Endpoint.IsPresent)
            return;
        Endpoint.ReadConfig(CommandOffset, bytes);
        int command = BinaryPrimitives.ReadUInt16LittleEndian(bytes);
        BinaryPrimitives.WriteUInt16LittleEndian(bytes, (ushort)(command | BusMasterEnable));
        Endpoint.WriteConfig(CommandOffset, bytes);
    }
}
