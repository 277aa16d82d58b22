using BenchmarkDotNet.Attributes;
using SoftIov.Benchmarks.Net;
using SoftIov.Datapath;

namespace SoftIov.Benchmarks.Micro;

/// <summary>A burst through policy, look-up, sorting by destination and counting, to receivers that do nothing; in ns for a frame.</summary>
public class SwitchBenchmarks
{
    private const int Burst = FrameBatch.Capacity;

    private FrameBatch _toOne = null!;
    private FrameBatch _toEach = null!;
    private SwitchPort _sender = null!;

    [GlobalSetup]
    public void Fill()
    {
        var @switch = new VirtualSwitch(TimeProvider.System);
        _sender = @switch.AddFunctionPort(1, VfPolicy.Default, AdapterBed.MacOf(0));
        var sink = new SinkPort();
        for (int vf = 1; vf <= Burst; vf++)
            @switch.AddFunctionPort(vf + 1, VfPolicy.Default, AdapterBed.MacOf(vf)).Connect(sink);
        _toOne = MicroFrames.Burst(Burst, 60, _ => 1);
        _toEach = MicroFrames.Burst(Burst, 60, i => i + 1);
    }

    [Benchmark(OperationsPerInvoke = Burst)]
    public void ToOne() => _sender.Transmit(_toOne, 0);

    /// <summary>Each frame of the burst to another port.</summary>
    [Benchmark(OperationsPerInvoke = Burst)]
    public void ToEach() => _sender.Transmit(_toEach, 0);
}
