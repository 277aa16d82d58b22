using SoftIov.Lab.Virtio;

namespace SoftIov.Benchmarks.Net;

/// <summary>Receives frames in bursts, looks at each header, and gives the buffers back.</summary>
internal sealed class BurstReceiver(VirtioNetDriver driver)
{
    private readonly NetDriverPair _pair = driver.Pairs[0];
    private readonly UsedBuffer[] _used = new UsedBuffer[2 * BurstSender.Burst];
    private readonly DriverBuffer[] _buffers = new DriverBuffer[2 * BurstSender.Burst];
    private int _moreOfFrame;

    /// <summary>Bytes received, headers included.</summary>
    public long Bytes { get; private set; }

    /// <summary>Takes what is there; returns how many frames began in it.</summary>
    public int Receive()
    {
        int count = _pair.Receive.Collect(_used);
        if (count == 0)
            return 0;

        int frames = 0;
        for (int i = 0; i < count; i++)
        {
            DriverBuffer buffer = _pair.ReceiveBuffer(_used[i].Token);
            _buffers[i] = buffer;
            Bytes += _used[i].Length;
            if (_moreOfFrame > 0)
            {
                _moreOfFrame--;
                continue;
            }

            frames++;
            Span<byte> header = _pair.BytesOf(buffer);
            _moreOfFrame = (header[10] | (header[11] << 8)) - 1;
        }

        _pair.Receive.Add(_buffers.AsSpan(0, count), isWritable: true);
        _pair.FlushReceives();
        return frames;
    }
}
