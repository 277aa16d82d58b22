using SoftIov.Lab.Virtio;

namespace SoftIov.Benchmarks.Net;

/// <summary>Sends frames that stand ready in all transmit buffers, in bursts, as fast as buffers come back.</summary>
internal sealed class BurstSender
{
    /// <summary>Most frames per burst.</summary>
    public const int Burst = 32;

    private readonly VirtioNetDriver _driver;
    private readonly NetDriverPair _pair;
    private readonly DriverBuffer[] _ready;
    private readonly UsedBuffer[] _used = new UsedBuffer[Burst];
    private int _readyCount;

    /// <summary>Writes header and frame into every buffer.</summary>
    public BurstSender(VirtioNetDriver driver, FrameHeader header, ReadOnlySpan<byte> frame)
    {
        _driver = driver;
        _pair = driver.Pairs[0];
        _ready = new DriverBuffer[_pair.Transmit.Size];
        for (int i = 0; i < _ready.Length; i++)
        {
            DriverBuffer buffer = _pair.TransmitBuffer(i, frame.Length);
            Span<byte> bytes = _pair.BytesOf(buffer);
            System.Runtime.InteropServices.MemoryMarshal.AsBytes(new ReadOnlySpan<FrameHeader>(in header))[.._pair.HeaderLength].CopyTo(bytes);
            frame.CopyTo(bytes[_pair.HeaderLength..]);
            _ready[i] = buffer;
        }

        _readyCount = _ready.Length;
    }

    /// <summary>Takes sent buffers back and sends up to <paramref name="most"/> frames; returns how many.</summary>
    public int Send(int most)
    {
        int done = _pair.Transmit.Collect(_used);
        for (int i = 0; i < done; i++)
            _ready[_readyCount++] = _pair.TransmitBuffer(_used[i].Token, 0) with { Length = _ready[0].Length };
        int count = Math.Min(most, _readyCount);
        if (count == 0)
            return 0;

        count = _pair.Transmit.Add(_ready.AsSpan(_readyCount - count, count), isWritable: false);
        _readyCount -= count;
        _pair.Transmit.Publish();
        if (_pair.Transmit.NeedsKick())
            _driver.Transport.Kick(_pair.TransmitIndex);
        return count;
    }
}
