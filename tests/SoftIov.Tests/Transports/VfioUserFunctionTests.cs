using SoftIov.Lab.VfioUser;
using SoftIov.Memory;
using SoftIov.Pcie;
using Xunit;

namespace SoftIov.Tests.Transports;

/// <summary>Real VFs of a real adapter behind sockets.</summary>
public sealed class VfioUserFunctionTests
{
    [Fact]
    public void Configuration_space_is_the_assigned_view()
    {
        using ServedPair pair = new();
        using VfioUserClient client = VfioUserClient.Connect(pair.Sockets[1].Path);
        byte[] served = new byte[4096];
        byte[] direct = new byte[4096];
        client.ReadConfig(0, served);
        pair.Setup.Adapter.Vf(1)!.ReadConfig(0, direct);
        Assert.Equal(direct, served);
        Assert.Equal(0x1041_1af4u, client.ReadConfig32(0));
        Assert.Equal((0u, 32768u), ((uint)client.GetRegionInfo(0).Size, (uint)client.GetRegionInfo(4).Size));
    }

    [Fact]
    public void A_client_that_is_killed_in_traffic_is_followed_by_the_next_at_once()
    {
        using ServedPair pair = new();
        using ServedDriver second = pair.Open(1);
        for (int i = 0; i < 10; i++)
        {
            using ServedDriver first = pair.Open(0);
            ServedPair.Exchange(first, second);
            for (int frame = 0; frame < 40; frame++)
                first.Driver.TrySend(new byte[100]);
        }

        Assert.Equal(10, pair.Sockets[0].Counters.Sessions);
        Assert.Equal(0, pair.Sockets[0].Counters.BrokenSessions);
    }

    /// <summary>Also of a function that answers no register access just then.</summary>
    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void The_next_client_finds_a_function_at_power_on(bool isBlind)
    {
        using ServedPair pair = new();
        byte[] atPowerOn = new byte[4096];
        byte[] found = new byte[4096];
        using ServedDriver second = pair.Open(1);
        using (ServedDriver first = pair.Open(0))
        {
            VfioUserClient client = first.Device.Client;
            ServedPair.Exchange(first, second);
            pair.Setup.Adapter.Injector.Report(0, UncorrectableError.CompletionTimeout);
            client.WriteConfig32(0x108, 0x1000);
            client.WriteConfig16(Capability(client, 0x10) + 0x10, 0x40);
            Assert.NotEqual(0u, client.ReadConfig32(0x104));
            if (isBlind)
                pair.Setup.Adapter.Injector.ReadAllOnes(0, Countdown.Forever);
        }

        pair.WaitDetached();
        pair.Setup.Adapter.Injector.ClearAll();
        Assert.False(pair.Sockets[0].Endpoint.Dma.BusMasterEnable);
        using VfioUserClient next = VfioUserClient.Connect(pair.Sockets[0].Path);
        next.ReadConfig(0, found);
        using ServedPair untouched = new();
        untouched.Setup.Adapter.Vf(0)!.ReadConfig(0, atPowerOn);
        Assert.Equal(Convert.ToHexString(atPowerOn), Convert.ToHexString(found));
        Assert.Equal(0u, next.ReadRegion64(4, 0x14, 1));
    }

    [Fact]
    public async Task Vfs_that_are_disabled_leave_their_clients()
    {
        using ServedPair pair = new();
        using ServedDriver first = pair.Open(0);
        using ServedDriver second = pair.Open(1);
        ServedPair.Exchange(first, second);
        IEndpoint gone = pair.Sockets[0].Endpoint;
        await pair.Setup.Adapter.DisableAsync();
        pair.WaitDetached();
        pair.WaitDetached();
        Assert.Equal("the function is gone", pair.Reason);
        Assert.False(gone.IsPresent);
        Assert.Equal(0, gone.Dma.Count);

        // Who connects to what is not there any more gets no answer, but no error of the server either.
        Assert.Null(pair.Sockets[0].Attachment);
        pair.Sockets[0].Dispose();
        pair.Sockets[1].Dispose();
        await pair.Setup.Adapter.EnableAsync(2);
        pair.Sockets[0] = pair.Serve(0);
        pair.Sockets[1] = pair.Serve(1);
        using ServedDriver third = pair.Open(0);
        using ServedDriver fourth = pair.Open(1);
        ServedPair.Exchange(third, fourth);
    }

    [Fact]
    public void A_function_level_reset_is_a_configuration_write()
    {
        using ServedPair pair = new();
        using ServedDriver second = pair.Open(1);
        using (ServedDriver first = pair.Open(0))
        {
            ServedPair.Exchange(first, second);
            VfioUserClient client = first.Device.Client;
            int express = Capability(client, 0x10);
            ushort control = client.ReadConfig16(express + 8);
            client.WriteConfig16(express + 8, (ushort)(control | 0x8000));
            Assert.Equal(0, client.ReadConfig16(express + 8) & 0x8000);
            Assert.Equal(0, client.ReadConfig16(4) & 4);
            Assert.Equal(0u, client.ReadRegion64(4, 0x14, 1));
        }

        using ServedDriver again = pair.Open(0);
        ServedPair.Exchange(again, second);
    }

    [Fact]
    public void A_reset_in_traffic_stops_the_device_before_it_is_answered()
    {
        using ServedPair pair = new();
        using ServedDriver first = pair.Open(0);
        using ServedDriver second = pair.Open(1);
        ServedPair.Exchange(first, second);
        for (int frame = 0; frame < 40; frame++)
            first.Driver.TrySend(new byte[100]);
        first.Device.Client.Reset();
        Assert.Equal(0, first.Device.Client.ReadConfig16(4) & 4);
        Assert.False(pair.Sockets[0].Endpoint.Dma.BusMasterEnable);
        first.Device.Client.UnmapAllDma();
        Assert.Equal(9u, second.Device.Client.GetInfo().Regions);
    }

    private static int Capability(VfioUserClient client, byte id)
    {
        int at = client.ReadConfig8(0x34);
        while (client.ReadConfig8(at) != id)
            at = client.ReadConfig8(at + 1);
        return at;
    }
}
