using BenchmarkDotNet.Attributes;
using SoftIov.Benchmarks.Net;
using SoftIov.Datapath;

namespace SoftIov.Benchmarks.Micro;

/// <summary>What a sender's policy costs, in ns for a frame.</summary>
public class PolicyBenchmarks
{
    private const int Burst = FrameBatch.Capacity;
    private const ushort Vlan = 100;

    private FrameBatch _untagged = null!;
    private FrameBatch _tagged = null!;
    private Station _access = null!;
    private Station _portVlan = null!;
    private Station _trunk = null!;
    private Station _stranger = null!;

    [GlobalSetup]
    public void Fill()
    {
        _untagged = MicroFrames.Burst(Burst, 60, _ => 1);
        _tagged = MicroFrames.Burst(Burst, 60, _ => 1, new VlanTag(EtherType.CustomerTag, Vlan));
        var @switch = new VirtualSwitch(TimeProvider.System);
        _access = @switch.AddFunctionPort(1, VfPolicy.Default, AdapterBed.MacOf(0)).Station!;
        _portVlan = @switch.AddFunctionPort(2, VfPolicy.Default with { Vlan = Vlan }, AdapterBed.MacOf(0)).Station!;
        _trunk = @switch.AddFunctionPort(3, VfPolicy.Default with { Trunk = VlanSet.Of(0, Vlan) }, AdapterBed.MacOf(0)).Station!;
        _stranger = @switch.AddFunctionPort(4, VfPolicy.Default, AdapterBed.MacOf(9)).Station!;
    }

    /// <summary>Spoof check, no VLAN.</summary>
    [Benchmark(OperationsPerInvoke = Burst)]
    public int Access() => Admit(_untagged, _access);

    [Benchmark(OperationsPerInvoke = Burst)]
    public int PortVlan() => Admit(_untagged, _portVlan);

    [Benchmark(OperationsPerInvoke = Burst)]
    public int Trunk() => Admit(_tagged, _trunk);

    /// <summary>A flood of forged frames: what it costs to drop them.</summary>
    [Benchmark(OperationsPerInvoke = Burst)]
    public int Spoofed() => Admit(_untagged, _stranger);

    private static int Admit(FrameBatch batch, Station from)
    {
        int admitted = 0;
        for (int i = 0; i < Burst; i++)
            admitted += Ingress.Admit(batch, i, from) == FrameVerdict.Admit ? 1 : 0;
        return admitted;
    }
}
