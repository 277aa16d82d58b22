using SoftIov.Lab.Pci;
using SoftIov.Lab.Virtio;

namespace SoftIov.Lab.Guests;

/// <summary>
/// A network card of a guest with built-in drivers: a virtio function, its driver, and a thread that hands received packets to ARP,
/// ping and TCP. Sending is for any thread.
/// </summary>
internal sealed class GuestNic : IDisposable
{
    /// <summary>Bytes in front of what a protocol over IPv4 sends.</summary>
    public const int HeadersLength = EthernetHeader.Length + Ipv4Header.Length;

    private const int LongestFrame = HeadersLength + Ipv4Header.LongestPayload;
    private static readonly TimeSpan SleepAtMost = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan RoomPatience = TimeSpan.FromSeconds(5);

    private static readonly NetDriverOptions Options = new()
    {
        Features = NetDriverOptions.Plain | NetDriverOptions.Offloads,
        RingSize = 128,
        ReceiveBufferSize = 16384,
        TransmitBufferSize = FrameHeader.BaseLength + LongestFrame,
        Layout = TransmitLayout.Indirect,
    };

    private readonly DriverMemory _memory;
    private readonly VirtioNetDriver _driver;
    private readonly NetDriverPair _pair;
    private readonly IReadOnlyList<Ipv4Address> _addresses;
    private readonly Thread _receiver;
    private readonly Lock _sending = new();
    private volatile bool _isStopping;
    private volatile Exception? _fault;

    /// <summary>Takes the function over and starts. The function stays the caller's.</summary>
    public GuestNic(IPciDevice function, IReadOnlyList<Ipv4Address> addresses)
    {
        Function = function;
        _addresses = addresses;
        _memory = DriverMemory.CreateShared("softiov-guest", Options.MemoryNeeded);
        try
        {
            _driver = VirtioNetDriver.Open(function, _memory, Options);
        }
        catch
        {
            _memory.Dispose();
            throw;
        }

        _pair = _driver.Pairs[0];
        Hardware = EthernetAddress.Read(_driver.MacAddress);
        Neighbours = new AddressResolution(this);
        Echo = new EchoProtocol(this);
        Streams = new StreamReceiver(this);
        _receiver = new Thread(ReceiveAll) { IsBackground = true, Name = $"nic {function.Name}" };
        _receiver.Start();
    }

    /// <summary>The function.</summary>
    public IPciDevice Function { get; }

    /// <summary>MAC address.</summary>
    public EthernetAddress Hardware { get; }

    /// <summary>Whether the device cuts long segments of TCP and completes their checksums.</summary>
    public bool CutsSegments => _driver.Transport.Has(VirtioFeature.Csum | VirtioFeature.HostTso4);

    /// <summary>MAC addresses of others.</summary>
    public AddressResolution Neighbours { get; }

    /// <summary>Ping.</summary>
    public EchoProtocol Echo { get; }

    /// <summary>Streams that come in.</summary>
    public StreamReceiver Streams { get; }

    /// <summary>The stream that goes out; null when there is none.</summary>
    public StreamSender? Outgoing { get; set; }

    /// <summary>Whether one of its addresses is this one.</summary>
    public bool Has(Ipv4Address address) => _addresses.Contains(address);

    /// <summary>The own address in the peer's network; null when the peer is no neighbour.</summary>
    public Ipv4Address? SourceFor(Ipv4Address peer)
    {
        foreach (Ipv4Address address in _addresses)
        {
            if (address.IsNeighbourOf(peer))
                return address;
        }

        return null;
    }

    /// <summary>
    /// Completes a packet whose payload starts at <see cref="HeadersLength"/> of <paramref name="frame"/>, and sends it. False when the
    /// peer's MAC address does not become known or the device takes no frames.
    /// </summary>
    public bool TrySend(Span<byte> frame, in Ipv4Header packet, in FrameHeader offload = default)
    {
        if (Neighbours.Resolve(packet.Destination) is not { } hardware)
            return false;

        packet.Write(frame[EthernetHeader.Length..]);
        new EthernetHeader(hardware, Hardware, EthernetHeader.Ipv4).Write(frame);
        return TrySendFrame(frame[..(HeadersLength + packet.PayloadLength)], offload);
    }

    /// <summary>Sends a frame as it is; false when the device takes none for some seconds.</summary>
    public bool TrySendFrame(ReadOnlySpan<byte> frame, in FrameHeader offload = default)
    {
        long start = Environment.TickCount64;
        var spin = default(SpinWait);
        while (!TryQueue(frame, offload))
        {
            if (_isStopping || Environment.TickCount64 - start > RoomPatience.TotalMilliseconds)
                return false;
            spin.SpinOnce();
        }

        return true;
    }

    /// <summary>Throws when the card stopped working.</summary>
    public void ThrowIfBroken()
    {
        if (_fault is { } fault)
            throw new IOException($"{Function.Name} does not work any more: {fault.Message}", fault);
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _isStopping = true;
        _pair.ReceiveInterrupt?.Signal();
        _receiver.Join();
        try
        {
            _driver.Dispose();
        }
        catch (IOException)
        {
            // The other side is gone, and with it what it had mapped.
        }

        _memory.Dispose();
    }

    private bool TryQueue(ReadOnlySpan<byte> frame, in FrameHeader offload)
    {
        lock (_sending)
            return _pair.TrySend(offload, frame);
    }

    private void ReceiveAll()
    {
        var frame = new byte[LongestFrame];
        try
        {
            while (!_isStopping)
            {
                if (!_pair.WaitForFrame(SleepAtMost))
                    continue;
                for (int length = Receive(frame, out FrameHeader header); length >= 0; length = Receive(frame, out header))
                    Dispatch(frame.AsSpan(0, length), header);
            }
        }
        catch (Exception error) when (error is IOException or InvalidDataException)
        {
            _fault = error;
        }
    }

    private int Receive(byte[] frame, out FrameHeader header) => Math.Min(_pair.TryReceive(frame, out header), frame.Length);

    private void Dispatch(ReadOnlySpan<byte> frame, in FrameHeader offload)
    {
        if (!EthernetHeader.TryRead(frame, out EthernetHeader ethernet))
            return;

        ReadOnlySpan<byte> packet = frame[EthernetHeader.Length..];
        if (ethernet.Type == EthernetHeader.Arp && ArpMessage.TryRead(packet, out ArpMessage message))
            Neighbours.Receive(message);
        else if (ethernet.Type == EthernetHeader.Ipv4 && Ipv4Header.TryRead(packet, out Ipv4Header ip, out ReadOnlySpan<byte> payload))
            Dispatch(ethernet, ip, payload, offload);
    }

    private void Dispatch(in EthernetHeader ethernet, in Ipv4Header packet, ReadOnlySpan<byte> payload, in FrameHeader offload)
    {
        if (!Has(packet.Destination) || SourceFor(packet.Source) is null)
            return;

        // This thread answers, and could not hear who answers it when it had to ask.
        Neighbours.Learn(packet.Source, ethernet.Source);
        if (packet.Protocol == Ipv4Header.Icmp)
        {
            Echo.Receive(packet, payload);
            return;
        }

        const int VouchedFor = FrameHeader.NeedsChecksum | FrameHeader.DataValid;
        if (packet.Protocol == Ipv4Header.Tcp
            && ((offload.Flags & VouchedFor) != 0 || IsIntact(packet, payload))
            && TcpHeader.TryRead(payload, out TcpHeader header, out ReadOnlySpan<byte> data))
        {
            if (header.DestinationPort == StreamReceiver.Port)
                Streams.Receive(packet, header, data);
            else
                Outgoing?.Receive(packet, header);
        }
    }

    private static bool IsIntact(in Ipv4Header packet, ReadOnlySpan<byte> segment) =>
        InternetChecksum.Fold(InternetChecksum.Add(InternetChecksum.PseudoHeader(packet), segment)) == ushort.MaxValue;
}
