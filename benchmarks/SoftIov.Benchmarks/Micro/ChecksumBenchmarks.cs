using BenchmarkDotNet.Attributes;
using SoftIov.Benchmarks.Micro.Losers;
using SoftIov.Memory;

namespace SoftIov.Benchmarks.Micro;

/// <summary>The Internet checksum over a header, a small frame, a segment and the largest frame; in ns for a sum.</summary>
public class ChecksumBenchmarks
{
    private byte[] _bytes = [];

    [Params(20, 64, 1460, 65535)]
    public int Bytes { get; set; }

    [GlobalSetup]
    public void Fill()
    {
        _bytes = new byte[Bytes];
        new Random(Bytes).NextBytes(_bytes);
    }

    [Benchmark(Baseline = true)]
    public ushort Sum() => GuestCopy.Sum(_bytes, 0);

    [Benchmark]
    public ushort WidenedSum() => WidenedChecksum.Sum(_bytes);

    [Benchmark]
    public ushort WordSum() => WordChecksum.Sum(_bytes);
}
