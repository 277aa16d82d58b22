using SoftIov.Lab.Virtio;

namespace SoftIov.Benchmarks.Net;

/// <summary>Sends frames that stand ready in all transmit buffers, in bursts, as fast as buffers come back.</summary>
internal sealed class BurstSender
{
    /// <summary>Most frames per burst.</summary>
    public const int Burst = 32;

    private readonly VirtioNetDriver _driver;
    private readonly NetDriverPair _pair;
    private readonly TransmitLayout _layout;
    private readonly DriverBuffer[] _ready;
    private readonly UsedBuffer[] _used = new UsedBuffer[Burst];
    private int _readyCount;

    /// <summary>Writes header and frame into every buffer.</summary>
    public BurstSender(VirtioNetDriver driver, TransmitLayout layout, FrameHeader header, ReadOnlySpan<byte> frame)
    {
        _driver = driver;
        _layout = layout;
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

        count = Add(_ready.AsSpan(_readyCount - count, count));
        _readyCount -= count;
        _pair.Transmit.Publish();
        if (_pair.Transmit.NeedsKick())
            _driver.Transport.Kick(_pair.TransmitIndex);
        return count;
    }

    private int Add(ReadOnlySpan<DriverBuffer> buffers)
    {
        DriverVirtqueue ring = _pair.Transmit;
        if (_layout == TransmitLayout.OneBuffer)
            return ring.Add(buffers, isWritable: false);

        // Taken from the end of what is ready, so added from there too.
        uint header = (uint)_pair.HeaderLength;
        for (int i = buffers.Length - 1; i >= 0; i--)
        {
            DriverBuffer buffer = buffers[i];
            ReadOnlySpan<DriverBuffer> parts = [new(buffer.Address, header), new(buffer.Address + header, buffer.Length - header)];
            bool added = _layout == TransmitLayout.Indirect
                ? ring.TryAddIndirect(parts, [], buffer.Token)
                : ring.TryAddChain(parts, [], buffer.Token);
            if (!added)
                return buffers.Length - 1 - i;
        }

        return buffers.Length;
    }
}
