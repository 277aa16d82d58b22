using System.Buffers.Binary;
using System.Diagnostics;

namespace SoftIov.Lab.Guests;

/// <summary>ICMP echo of one card (RFC 792): answers requests and makes them. One <see cref="Ping"/> at a time.</summary>
internal sealed class EchoProtocol(GuestNic nic)
{
    private const byte Reply = 0;
    private const byte Request = 8;
    private const int HeaderLength = 8;
    private const int DataLength = 56;
    private const int LongestAnswered = 1480;

    private readonly object _answered = new();
    private readonly byte[] _answer = new byte[GuestNic.HeadersLength + LongestAnswered];
    private int _waitingFor = -1;
    private ushort _last;

    /// <summary>Sends <paramref name="count"/> requests, each when the one before was answered or given up.</summary>
    public PingResult Ping(Ipv4Address peer, int count, TimeSpan patience)
    {
        int received = 0;
        long ticks = 0;
        for (int i = 0; i < count; i++)
        {
            long start = Stopwatch.GetTimestamp();
            if (!IsAnswered(peer, ++_last, patience))
                continue;

            received++;
            ticks += Stopwatch.GetTimestamp() - start;
        }

        double milliseconds = received == 0 ? 0 : ticks * 1000.0 / Stopwatch.Frequency / received;
        return new PingResult(count, received, milliseconds);
    }

    /// <summary>A message came in.</summary>
    public void Receive(in Ipv4Header packet, ReadOnlySpan<byte> message)
    {
        if (message.Length is < HeaderLength or > LongestAnswered || InternetChecksum.Of(message) != 0)
            return;

        if (message[0] == Request)
        {
            Answer(packet, message);
            return;
        }

        ushort sequence = BinaryPrimitives.ReadUInt16BigEndian(message[6..]);
        lock (_answered)
        {
            if (message[0] != Reply || sequence != _waitingFor)
                return;
            _waitingFor = -1;
            Monitor.PulseAll(_answered);
        }
    }

    private bool IsAnswered(Ipv4Address peer, ushort sequence, TimeSpan patience)
    {
        Span<byte> frame = stackalloc byte[GuestNic.HeadersLength + HeaderLength + DataLength];
        Span<byte> message = frame[GuestNic.HeadersLength..];
        message.Clear();
        message[0] = Request;
        BinaryPrimitives.WriteUInt16BigEndian(message[6..], sequence);
        BinaryPrimitives.WriteUInt16BigEndian(message[2..], InternetChecksum.Of(message));
        lock (_answered)
            _waitingFor = sequence;
        if (nic.SourceFor(peer) is not { } source || !nic.TrySend(frame, new Ipv4Header(source, peer, Ipv4Header.Icmp, message.Length)))
            return false;

        long deadline = Environment.TickCount64 + (long)patience.TotalMilliseconds;
        lock (_answered)
        {
            while (_waitingFor == sequence && deadline - Environment.TickCount64 is > 0 and var left)
                Monitor.Wait(_answered, (int)left);
            return _waitingFor != sequence;
        }
    }

    private void Answer(in Ipv4Header request, ReadOnlySpan<byte> message)
    {
        Span<byte> answer = _answer.AsSpan(GuestNic.HeadersLength, message.Length);
        message.CopyTo(answer);
        answer[0] = Reply;
        BinaryPrimitives.WriteUInt16BigEndian(answer[2..], 0);
        BinaryPrimitives.WriteUInt16BigEndian(answer[2..], InternetChecksum.Of(answer));
        nic.TrySend(_answer, new Ipv4Header(request.Destination, request.Source, Ipv4Header.Icmp, answer.Length));
    }
}
