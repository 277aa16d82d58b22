using System.Diagnostics;
using SoftIov.Benchmarks.Net;
using SoftIov.Lab.Virtio;

namespace SoftIov.Benchmarks.Scale;

/// <summary>Broadcasts of one VF to all others of an adapter, polled by the calling thread.</summary>
internal sealed class BroadcastRun : IDisposable
{
    private const int Size = 64;
    private const int RingSize = 64;

    private readonly AdapterBed _adapter;
    private readonly VirtioNetDriver[] _drivers;
    private readonly PollerClock _clock = new(isOwnThread: true);
    private readonly byte[] _frame;
    private readonly byte[] _received = new byte[2048];

    public BroadcastRun(int vfs)
    {
        _adapter = new AdapterBed(vfs, isInline: true);
        _drivers = [.. Enumerable.Range(0, vfs).Select(vf => _adapter.Open(vf, new NetDriverOptions { RingSize = RingSize }))];
        _frame = NetFrame.Make(Size, asksForChecksum: false, 0, 0, out _);
        _frame.AsSpan(0, 6).Fill(0xff);
    }

    /// <summary>One broadcast after the other for so long; microseconds of processor time of one, the receivers' drivers not counted.</summary>
    public double Play(double seconds)
    {
        long start = Stopwatch.GetTimestamp();
        long spent = 0;
        int count = 0;
        for (; Stopwatch.GetElapsedTime(start).TotalSeconds < seconds; count += RingSize / 2)
        {
            for (int i = 0; i < RingSize / 2; i++)
            {
                if (!_drivers[0].TrySend(_frame))
                    throw new InvalidOperationException("There is no room for a broadcast.");
            }

            long before = _clock.Nanoseconds;
            int sent = _adapter.Poll(0);
            spent += _clock.Nanoseconds - before;
            if (sent != RingSize / 2)
                throw new InvalidOperationException($"{sent} broadcasts were sent.");
            Drain();
        }

        return spent / 1000.0 / count;
    }

    public void Dispose() => _adapter.Dispose();

    private void Drain()
    {
        for (int vf = 1; vf < _drivers.Length; vf++)
        {
            for (int i = 0; i < RingSize / 2; i++)
            {
                if (_drivers[vf].TryReceive(_received) != _frame.Length)
                    throw new InvalidOperationException($"VF {vf} missed a broadcast.");
            }
        }
    }
}
