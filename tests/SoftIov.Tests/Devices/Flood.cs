using SoftIov.Datapath;
using SoftIov.Lab.Virtio;
using SoftIov.Tests.Datapath;

namespace SoftIov.Tests.Devices;

/// <summary>A driver on a thread of its own that sends one frame again and again until disposed.</summary>
internal sealed class Flood : IDisposable
{
    private readonly Thread _thread;
    private volatile bool _isOver;

    public Flood(Guest from, MacAddress to)
        : this(from, TestFrame.Plain(to, from.Mac, 200), default)
    {
    }

    public Flood(Guest from, byte[] frame, FrameHeader header)
    {
        _thread = new Thread(() => Run(from.Driver.Pairs[0], frame, header)) { IsBackground = true };
        _thread.Start();
    }

    public void Dispose()
    {
        _isOver = true;
        _thread.Join();
    }

    private void Run(NetDriverPair pair, byte[] frame, FrameHeader header)
    {
        while (!_isOver)
        {
            if (!pair.TrySend(in header, frame))
                Thread.Sleep(0);
        }
    }
}
