using System.Buffers.Binary;

namespace SoftIov.Lab.Guests;

/// <summary>
/// TCP on one port of one card, as far as a stream that only comes in needs it: accepts connections, takes what comes in order, checks it
/// against <see cref="StreamPattern"/>, acknowledges each segment, and resets a connection with wrong bytes. On the receiving thread.
/// </summary>
internal sealed class StreamReceiver(GuestNic nic)
{
    /// <summary>The port.</summary>
    public const int Port = 5201;

    private const int WindowBytes = 1 << 20;
    private const ushort ScaledWindow = WindowBytes >> TcpHeader.WindowScale;
    private const int MostConnections = 16;

    private readonly Dictionary<(Ipv4Address Address, ushort Port), IncomingStream> _streams = [];
    private readonly byte[] _frame = new byte[GuestNic.HeadersLength + 64];

    /// <summary>A segment came in whose checksum is right.</summary>
    public void Receive(in Ipv4Header packet, in TcpHeader header, ReadOnlySpan<byte> data)
    {
        (Ipv4Address, ushort) peer = (packet.Source, header.SourcePort);
        if ((header.Flags & TcpFlags.Reset) != 0)
        {
            _streams.Remove(peer);
            return;
        }

        if ((header.Flags & TcpFlags.Syn) != 0)
            Accept(peer, header);
        if (!_streams.TryGetValue(peer, out IncomingStream? stream) || !stream.TryTake(header, data))
        {
            _streams.Remove(peer);
            Send(packet, header, TcpFlags.Reset, header.Acknowledgement, 0);
            return;
        }

        TcpFlags syn = header.Flags & TcpFlags.Syn;
        Send(packet, header, TcpFlags.Acknowledge | syn, syn == 0 ? stream.SendSequence + 1 : stream.SendSequence, stream.Expected);
    }

    private void Accept((Ipv4Address, ushort) peer, in TcpHeader header)
    {
        if (_streams.Count >= MostConnections)
            _streams.Clear();
        _streams[peer] = new IncomingStream((uint)Random.Shared.NextInt64(1L << 32), header.Sequence + 1);
    }

    private void Send(in Ipv4Header packet, in TcpHeader header, TcpFlags flags, uint sequence, uint acknowledgement)
    {
        ushort window = (flags & TcpFlags.Syn) != 0 ? ushort.MaxValue : ScaledWindow;
        var answer = new TcpHeader(header.DestinationPort, header.SourcePort, sequence, acknowledgement, flags, window);
        var ip = new Ipv4Header(packet.Destination, packet.Source, Ipv4Header.Tcp, answer.WrittenLength);
        Span<byte> segment = _frame.AsSpan(GuestNic.HeadersLength, answer.WrittenLength);
        answer.Write(segment);
        ushort checksum = (ushort)~InternetChecksum.Fold(InternetChecksum.Add(InternetChecksum.PseudoHeader(ip), segment));
        BinaryPrimitives.WriteUInt16BigEndian(segment[TcpHeader.ChecksumOffset..], checksum);
        nic.TrySend(_frame, ip);
    }
}
