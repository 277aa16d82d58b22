using System.Buffers.Binary;
using System.Diagnostics;
using SoftIov.Lab.Virtio;

namespace SoftIov.Lab.Guests;

/// <summary>
/// The sending end of one TCP connection that carries <see cref="StreamPattern"/> as fast as the peer acknowledges it. Data goes in
/// segments of up to 64 KiB that the device is to cut and to complete with checksums (VIRTIO_NET_F_HOST_TSO4), or in single ones when
/// it does not. What is lost is sent again from the last byte acknowledged on.
/// </summary>
internal sealed class StreamSender
{
    private const int LongSegment = 44 * TcpHeader.SegmentSize;
    private const int RepeatsThatTellLoss = 3;
    private static readonly TimeSpan RetransmissionTime = TimeSpan.FromMilliseconds(300);
    private static readonly TimeSpan StallTime = TimeSpan.FromSeconds(10);

    private readonly GuestNic _nic;
    private readonly Ipv4Address _source;
    private readonly Ipv4Address _peer;
    private readonly ushort _port = (ushort)Random.Shared.Next(32768, 61000);
    private readonly uint _start = (uint)Random.Shared.NextInt64(1L << 32);
    private readonly byte[] _frame = new byte[GuestNic.HeadersLength + TcpHeader.Length + LongSegment];
    private readonly int _segmentLength;
    private readonly object _progress = new();
    private uint _peerSequence;
    private long _acknowledged;
    private long _window;
    private int _repeats;
    private bool _isConnected;
    private bool _isReset;

    private StreamSender(GuestNic nic, Ipv4Address source, Ipv4Address peer)
    {
        _nic = nic;
        _source = source;
        _peer = peer;
        _segmentLength = nic.CutsSegments ? LongSegment : TcpHeader.SegmentSize;
    }

    /// <summary>
    /// Sends for <paramref name="duration"/>. One stream at a time and card. Throws <see cref="IOException"/> when the peer cannot be
    /// reached, does not go on, or got wrong bytes.
    /// </summary>
    public static StreamResult Run(GuestNic nic, Ipv4Address peer, TimeSpan duration)
    {
        Ipv4Address source = nic.SourceFor(peer) ?? throw new IOException($"{peer} is in no network of {nic.Function.Name}.");
        var stream = new StreamSender(nic, source, peer);
        nic.Outgoing = stream;
        try
        {
            stream.Connect();
            return stream.Pump(duration);
        }
        finally
        {
            stream.SendControl(TcpFlags.Reset | TcpFlags.Acknowledge);
            nic.Outgoing = null;
        }
    }

    /// <summary>A segment came in whose checksum is right. On the receiving thread.</summary>
    public void Receive(in Ipv4Header packet, in TcpHeader header)
    {
        if (packet.Source != _peer || header.DestinationPort != _port)
            return;

        lock (_progress)
        {
            if ((header.Flags & TcpFlags.Reset) != 0)
                _isReset = true;
            else if ((header.Flags & TcpFlags.Syn) != 0)
                Accept(header);
            else
                Acknowledge(header);
            Monitor.PulseAll(_progress);
        }
    }

    private void Accept(in TcpHeader header)
    {
        _peerSequence = header.Sequence + 1;
        _window = header.Window;
        _isConnected = true;
    }

    private void Acknowledge(in TcpHeader header)
    {
        int more = (int)(header.Acknowledgement - (_start + 1 + (uint)_acknowledged));
        _window = (long)header.Window << TcpHeader.WindowScale;
        _repeats = more == 0 ? _repeats + 1 : 0;
        if (more > 0)
            _acknowledged += more;
    }

    private void Connect()
    {
        long start = Stopwatch.GetTimestamp();
        lock (_progress)
        {
            while (!_isConnected)
            {
                if (_isReset || Stopwatch.GetElapsedTime(start) > StallTime)
                    throw new IOException($"{_peer} does not take a stream.");
                SendControl(TcpFlags.Syn);
                Monitor.Wait(_progress, RetransmissionTime);
            }
        }

        SendControl(TcpFlags.Acknowledge);
    }

    private StreamResult Pump(TimeSpan duration)
    {
        long start = Stopwatch.GetTimestamp();
        long moved = start;
        long acknowledged = 0;
        long next = 0;
        while (true)
        {
            bool isOver = Stopwatch.GetElapsedTime(start) >= duration;
            long end = Look(out long window, out bool isLost);
            if (isOver && end >= next)
                return new StreamResult(end, Stopwatch.GetElapsedTime(start));

            if (end > acknowledged)
                moved = Stopwatch.GetTimestamp();
            else if (Stopwatch.GetElapsedTime(moved) > StallTime)
                throw new IOException($"{_peer} acknowledged nothing for {StallTime.TotalSeconds} s.");
            acknowledged = end;
            if (isLost)
                next = end;
            if (!isOver && next + _segmentLength <= end + window)
                next += SendData(next);
            else if (!WaitForMore(end))
                next = end;
        }
    }

    private long Look(out long window, out bool isLost)
    {
        lock (_progress)
        {
            if (_isReset)
                throw new IOException($"{_peer} ended the stream: wrong bytes arrived.");
            isLost = _repeats >= RepeatsThatTellLoss;
            if (isLost)
                _repeats = 0;
            window = _window;
            return _acknowledged;
        }
    }

    private bool WaitForMore(long acknowledged)
    {
        _nic.ThrowIfBroken();
        lock (_progress)
            return _acknowledged > acknowledged || _isReset || Monitor.Wait(_progress, RetransmissionTime);
    }

    private int SendData(long offset)
    {
        int length = _segmentLength;
        Span<byte> segment = _frame.AsSpan(GuestNic.HeadersLength, TcpHeader.Length + length);
        TcpHeader header = Header(TcpFlags.Acknowledge | TcpFlags.Push, _start + 1 + (uint)offset);
        header.Write(segment);
        StreamPattern.At(offset, length).CopyTo(segment[TcpHeader.Length..]);
        Ipv4Header packet = Packet(segment.Length);
        if (!_nic.TrySend(_frame, packet, Offload(packet, segment)))
            throw new IOException($"{_nic.Function.Name} takes no frames.");
        return length;
    }

    /// <summary>
    /// With checksum offload, the segment has the sum of the pseudo header in it (virtio 1.4, 5.1.6.2); otherwise the whole.
    /// </summary>
    private FrameHeader Offload(in Ipv4Header packet, Span<byte> segment)
    {
        ulong pseudoHeader = InternetChecksum.PseudoHeader(packet);
        Span<byte> field = segment[TcpHeader.ChecksumOffset..];
        if (!_nic.CutsSegments)
        {
            BinaryPrimitives.WriteUInt16BigEndian(field, (ushort)~InternetChecksum.Fold(InternetChecksum.Add(pseudoHeader, segment)));
            return default;
        }

        BinaryPrimitives.WriteUInt16BigEndian(field, InternetChecksum.Fold(pseudoHeader));
        return new FrameHeader
        {
            Flags = FrameHeader.NeedsChecksum,
            GsoType = FrameHeader.TcpV4,
            HeaderLength = GuestNic.HeadersLength + TcpHeader.Length,
            GsoSize = TcpHeader.SegmentSize,
            ChecksumStart = GuestNic.HeadersLength,
            ChecksumOffset = TcpHeader.ChecksumOffset,
        };
    }

    private void SendControl(TcpFlags flags)
    {
        uint sequence = (flags & TcpFlags.Syn) != 0 ? _start : _start + 1 + (uint)Volatile.Read(ref _acknowledged);
        TcpHeader header = Header(flags, sequence);
        Ipv4Header packet = Packet(header.WrittenLength);
        Span<byte> segment = _frame.AsSpan(GuestNic.HeadersLength, header.WrittenLength);
        header.Write(segment);
        ulong sum = InternetChecksum.Add(InternetChecksum.PseudoHeader(packet), segment);
        BinaryPrimitives.WriteUInt16BigEndian(segment[TcpHeader.ChecksumOffset..], (ushort)~InternetChecksum.Fold(sum));
        _nic.TrySend(_frame, packet);
    }

    private TcpHeader Header(TcpFlags flags, uint sequence) =>
        new(_port, StreamReceiver.Port, sequence, (flags & TcpFlags.Syn) != 0 ? 0 : _peerSequence, flags, ushort.MaxValue);

    private Ipv4Header Packet(int length) => new(_source, _peer, Ipv4Header.Tcp, length);
}
