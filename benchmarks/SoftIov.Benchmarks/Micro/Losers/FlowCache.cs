using SoftIov.Datapath;

namespace SoftIov.Benchmarks.Micro.Losers;

/// <summary>
/// A direct-mapped cache of decisions in front of the table, one for each poller. Lost: it wins a nanosecond with few ports, loses two for each
/// address that never comes again, and what was decided has to be forgotten whenever a port changes (decision 0144).
/// </summary>
internal sealed class FlowCache(ForwardingTable table)
{
    private const int SlotsLog2 = 10;
    private const ulong Golden = 0x9E37_79B9_7F4A_7C15;

    private readonly Flow[] _flows = new Flow[1 << SlotsLog2];

    public Station? FindOwner(MacAddress address, int domain)
    {
        ulong key = (address.Value << 16) | (uint)domain;
        ref Flow flow = ref _flows[(int)((key * Golden) >> (64 - SlotsLog2))];
        if (flow.Key != key)
            flow = new Flow(key, table.FindOwner(address, domain));
        return flow.Owner;
    }

    private readonly record struct Flow(ulong Key, Station? Owner);
}
