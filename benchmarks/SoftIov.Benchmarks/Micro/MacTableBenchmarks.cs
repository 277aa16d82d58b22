using System.Collections.Frozen;
using BenchmarkDotNet.Attributes;
using SoftIov.Benchmarks.Micro.Losers;
using SoftIov.Datapath;

namespace SoftIov.Benchmarks.Micro;

/// <summary>
/// Who owns a destination, in ns for a look-up: destinations in random order, so that neither the burst's memory of its last address nor the
/// branch predictor helps. Decision 0144.
/// </summary>
public class MacTableBenchmarks
{
    private const int Lookups = 4096;
    private const int Seed = 144;

    private readonly MacAddress[] _owned = new MacAddress[Lookups];
    private readonly MacAddress[] _foreign = new MacAddress[Lookups];
    private ForwardingTable _table = null!;
    private Dictionary<MacAddress, Station> _dictionary = null!;
    private FrozenDictionary<MacAddress, Station> _frozen = null!;
    private FlowCache _flows = null!;

    [Params(4, 64, 1024)]
    public int Ports { get; set; }

    /// <summary>Half of the ports have addresses that an operator counts up, half have random ones.</summary>
    [GlobalSetup]
    public void Fill()
    {
        var random = new Random(Seed);
        var addresses = new MacAddress[Ports];
        var @switch = new VirtualSwitch(TimeProvider.System);
        @switch.Change(() =>
        {
            for (int i = 0; i < Ports; i++)
            {
                addresses[i] = i % 2 == 0 ? new MacAddress(0x02_00_00_00_00_00UL + (ulong)i) : RandomAddress(random);
                @switch.AddFunctionPort(i + 1, VfPolicy.Default, addresses[i]);
            }
        });
        _table = @switch.Table;
        _dictionary = _table.Stations.ToDictionary(station => station!.Address, station => station!);
        _frozen = _dictionary.ToFrozenDictionary();
        _flows = new FlowCache(_table);
        for (int i = 0; i < Lookups; i++)
        {
            _owned[i] = addresses[random.Next(Ports)];
            _foreign[i] = RandomAddress(random);
        }
    }

    [Benchmark(Baseline = true, OperationsPerInvoke = Lookups)]
    public int Hit() => Find(_owned);

    [Benchmark(OperationsPerInvoke = Lookups)]
    public int Miss() => Find(_foreign);

    [Benchmark(OperationsPerInvoke = Lookups)]
    public int DictionaryHit() => FindInDictionary(_owned);

    [Benchmark(OperationsPerInvoke = Lookups)]
    public int DictionaryMiss() => FindInDictionary(_foreign);

    [Benchmark(OperationsPerInvoke = Lookups)]
    public int FrozenHit()
    {
        int found = 0;
        foreach (MacAddress address in _owned)
            found += _frozen.TryGetValue(address, out Station? owner) && owner.IsMember(0) ? owner.Index : 0;
        return found;
    }

    [Benchmark(OperationsPerInvoke = Lookups)]
    public int FlowCacheHit() => FindInFlows(_owned);

    /// <summary>Addresses that never come again fill the cache and take others' places: what a scan of a network does.</summary>
    [Benchmark(OperationsPerInvoke = Lookups)]
    public int FlowCacheMiss() => FindInFlows(_foreign);

    private int Find(MacAddress[] addresses)
    {
        int found = 0;
        foreach (MacAddress address in addresses)
            found += _table.FindOwner(address, 0)?.Index ?? 0;
        return found;
    }

    private int FindInDictionary(MacAddress[] addresses)
    {
        int found = 0;
        foreach (MacAddress address in addresses)
            found += _dictionary.TryGetValue(address, out Station? owner) && owner.IsMember(0) ? owner.Index : 0;
        return found;
    }

    private int FindInFlows(MacAddress[] addresses)
    {
        int found = 0;
        foreach (MacAddress address in addresses)
            found += _flows.FindOwner(address, 0)?.Index ?? 0;
        return found;
    }

    private static MacAddress RandomAddress(Random random) => new((ulong)random.NextInt64(1L << 40) | 0x02_00_00_00_00_00UL);
}
