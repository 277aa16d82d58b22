using SoftIov.Lab.VfioUser;
using SoftIov.Linux;
using Xunit;

namespace SoftIov.Tests.Transports;

public sealed class VfioUserSteadyStateTests
{
    private const int Rounds = 2000;

    [Fact]
    public void Register_traffic_allocates_nothing_on_the_loop()
    {
        using ServedModel served = new(endpoint: new EndpointModel { WatchesAllocations = true });
        using VfioUserClient client = served.Connect();
        Exchange(client);
        long before = served.Endpoint.LoopAllocatedBytes;
        Exchange(client);
        Assert.Equal(before, served.Endpoint.LoopAllocatedBytes);
        Assert.NotEqual(0, before);
    }

    [Fact]
    public void Interrupts_allocate_nothing()
    {
        using ServedModel served = new();
        using VfioUserClient client = served.Connect();
        using EventFd line = new();
        client.SetMsix(0, line);
        Assert.True(served.Endpoint.Interrupts!.SignalMsix(0));
        long before = GC.GetAllocatedBytesForCurrentThread();
        for (int i = 0; i < Rounds; i++)
            served.Endpoint.Interrupts.SignalMsix(0);
        Assert.Equal(before, GC.GetAllocatedBytesForCurrentThread());
    }

    [Fact]
    public void The_client_allocates_nothing_either()
    {
        using ServedModel served = new();
        using VfioUserClient client = served.Connect();
        Exchange(client);
        long before = GC.GetAllocatedBytesForCurrentThread();
        Exchange(client);
        Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0, 200);
    }

    private static void Exchange(VfioUserClient client)
    {
        for (int i = 0; i < Rounds; i++)
        {
            client.PostRegion64(0, 0, 4, 1);
            client.PostRegion64(0, 8, 8, 1);
            client.WriteConfig8(0x40, 1);
            client.ReadRegion64(0, 0, 4);
        }
    }
}
