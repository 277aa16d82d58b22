using BenchmarkDotNet.Attributes;
using SoftIov.Datapath;
using SoftIov.Memory;

namespace SoftIov.Benchmarks.Micro;

/// <summary>The one copy, from guest to guest, both in the cache; in ns for a frame.</summary>
public class CopyBenchmarks
{
    private readonly ScratchMemory _receiver = new(FrameBatch.MaxFrameLength);
    private readonly Segment[] _pieces = new Segment[2];
    private FrameBatch _batch = null!;
    private Segment _whole;

    [Params(64, 256, 1518, 65536)]
    public int Bytes { get; set; }

    [GlobalSetup]
    public void Fill()
    {
        _batch = MicroFrames.Burst(1, Bytes, _ => 1);
        _whole = _receiver.Segment(0, _receiver.Length);
        _pieces[0] = _whole.Slice(0, Bytes / 2);
        _pieces[1] = _whole.Slice(Bytes / 2);
    }

    /// <summary>Into a buffer of one piece, as most are.</summary>
    [Benchmark]
    public void Whole() => _batch.CopyTo(0, _whole, 0);

    /// <summary>Into one of two pieces.</summary>
    [Benchmark]
    public void Pieces()
    {
        var writer = new GuestWriter(_pieces);
        _batch.CopyTo(0, ref writer);
    }
}
