using SoftIov.Datapath;
using SoftIov.Memory;
using SoftIov.Tests.Datapath;
using SoftIov.Tests.Linux;
using SoftIov.Transports.Uplinks;
using Xunit;

namespace SoftIov.Tests.Transports;

/// <summary>Neither direction of an uplink allocates.</summary>
public sealed class UplinkSteadyStateTests : IDisposable
{
    private const int PatienceMilliseconds = 30_000;

    private readonly UplinkSetup _setup = new();
    private readonly NetworkNamespace _far = new();

    public void Dispose()
    {
        _setup.Dispose();
        _far.Dispose();
    }

    [NetworkFact]
    public void A_tap_allocates_nothing()
    {
        _setup.Open(UplinkOptions.Tap("t0", create: true));
        using var probe = new PacketProbe(_setup.Host, "t0");
        Assert.Equal(0, Allocated(probe));
    }

    [NetworkFact]
    public void A_host_interface_allocates_nothing()
    {
        _setup.Host.AddVeth("v0", _far, "v1");
        _setup.Open(UplinkOptions.Interface("v0"));

        // Longer frames than slots, too.
        _setup.Host.Ip("link set v0 mtu 9000");
        _far.Ip("link set v1 mtu 9000");
        using var probe = new PacketProbe(_far, "v1");
        Assert.Equal(0, Allocated(probe));
    }

    private long Allocated(PacketProbe probe)
    {
        const int Rounds = 50;
        _setup.Vf.Connect(new CopyingPort());
        byte[][] arriving =
        [
            TestFrame.Plain(_setup.Vf.MacAddress, TestFrame.Mac(9), 1000), TestFrame.Plain(_setup.Vf.MacAddress, TestFrame.Mac(9), 1514),
            TestFrame.Tagged(TestFrame.Plain(_setup.Vf.MacAddress, TestFrame.Mac(9), 100), 5),
        ];
        var memory = new ScratchMemory(1514);
        TestFrame.Plain(TestFrame.Mac(9), _setup.Vf.MacAddress, 1514).CopyTo(memory.Span);
        Segment[] segments = [memory.Segment(0, 1000), memory.Segment(1000, 514)];
        var batch = new FrameBatch();
        long allocated = 0;
        for (int round = -5; round < Rounds; round++)
        {
            Array.ForEach(arriving, probe.Send);
            long before = GC.GetAllocatedBytesForCurrentThread();
            int polled = 0;
            for (long start = Environment.TickCount64; polled < arriving.Length && Environment.TickCount64 - start < PatienceMilliseconds;)
            {
                polled += _setup.PollOnce();
            }

            for (int i = 0; i < 20; i++)
            {
                batch.TryAdd(segments, 0, 1514, default);
            }

            _setup.Vf.Transmit(batch, 0);
            batch.Clear();
            allocated += round < 0 ? 0 : GC.GetAllocatedBytesForCurrentThread() - before;
            Assert.Equal(arriving.Length, polled);
        }

        Assert.Equal(20 * (Rounds + 5), _setup.UplinkPort.Counters.RxPackets);
        return allocated;
    }
}
