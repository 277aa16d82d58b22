using SoftIov.Datapath;
using SoftIov.Memory;

namespace SoftIov.Devices.Virtio.Net;

/// <summary>
/// Tells the network where an address is now, for a driver that cannot say it itself: one broadcast of RFC 903 (reverse ARP), sent by a poller
/// as if the function had sent it.
/// </summary>
internal sealed class Announcement : IPollable, IDisposable
{
    /// <summary>Shortest frame without its check sequence (IEEE 802.3, 3.2.8).</summary>
    private const int Length = 60;

    private readonly SwitchPort _port;
    private readonly NativeHostMemory _memory = new(Length);
    private int _isDue = 1;
    private bool _waitsForCredit;

    /// <summary>An announcement that is due.</summary>
    public Announcement(SwitchPort port, MacAddress address)
    {
        _port = port;
        Span<byte> frame = _memory.Bytes;
        MacAddress.Broadcast.CopyTo(frame);
        address.CopyTo(frame[6..]);

        // EtherType 8035h; hardware 1, protocol 0800h, lengths 6 and 4, operation 3 (request reverse).
        ReadOnlySpan<byte> header = [0x80, 0x35, 0x00, 0x01, 0x08, 0x00, 6, 4, 0x00, 0x03];
        header.CopyTo(frame[12..]);
        address.CopyTo(frame[22..]);
        address.CopyTo(frame[32..]);
    }

    public int Poll(PollContext context)
    {
        if (Volatile.Read(ref _isDue) == 0)
            return 0;
        _waitsForCredit = _port.TransmitCreditBytes(context.NowTicks, out long retryAt) <= 0;
        if (_waitsForCredit)
        {
            context.WakeAt(retryAt);
            return 0;
        }

        Volatile.Write(ref _isDue, 0);
        FrameOffload offload = default;
        if (context.Frames.TryAdd(_memory.Segment(0, Length), 0, in offload))
            _port.Transmit(context.Frames, context.NowTicks);
        context.Frames.Clear();
        return 1;
    }

    public bool Arm(PollContext context) => !_waitsForCredit && Volatile.Read(ref _isDue) != 0;

    public void Disarm()
    {
    }

    public void Dispose() => _memory.Dispose();
}
