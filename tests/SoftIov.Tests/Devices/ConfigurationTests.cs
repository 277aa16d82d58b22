using SoftIov.Datapath;
using SoftIov.Devices.Virtio.Net;
using SoftIov.Devices.Virtio.Spec;
using SoftIov.Tests.Datapath;
using Xunit;

namespace SoftIov.Tests.Devices;

public class ConfigurationTests
{
    [Fact]
    public void Configuration_shows_what_was_set()
    {
        using var net = new NetEndpoint(
            new NetFunctionSettings { Name = "net0/0", QueuePairs = 3, Mtu = 9000, SpeedMegabits = 25_000 });
        Assert.Equal(TestFrame.Mac(1), net.Port.MacAddress);
        Assert.Equal(0x0100_0000_0002u, net.ReadDevice(0, 6));
        Assert.Equal(1u, net.ReadDevice(6, 2));
        Assert.Equal(3u, net.ReadDevice(8, 2));
        Assert.Equal(9000u, net.ReadDevice(10, 2));
        Assert.Equal(25_000u, net.ReadDevice(12, 4));
        Assert.Equal(1u, net.ReadDevice(16, 1));
        Assert.Equal(40u, net.ReadDevice(17, 1));
        Assert.Equal(128u, net.ReadDevice(18, 2));
        Assert.Equal(0x3Fu, net.ReadDevice(20, 4));
        Assert.Equal(0u, net.ReadDevice(24, 8));
    }

    [Fact]
    public void Configuration_cannot_be_written()
    {
        using var net = new NetEndpoint();
        ulong before = net.ReadDevice(0, 8);
        net.Write(Virtio(0), 8, ulong.MaxValue);
        Assert.Equal(before, net.ReadDevice(0, 8));
    }

    [Fact]
    public void V013_A_link_change_bumps_the_generation_and_fires_the_configuration_vector()
    {
        using NetEndpoint net = Live(VirtioFeatures.Status);
        ulong before = net.Read(CommonConfig.ConfigGeneration, 1);
        net.Port.Policy = net.Port.Policy with { LinkState = LinkState.Disable };
        Assert.Equal([1], net.Messages);
        Assert.NotEqual(before, net.Read(CommonConfig.ConfigGeneration, 1));
        Assert.Equal(0u, net.ReadDevice(6, 2));
    }

    [Fact]
    public void V013_The_generation_stands_still_while_nothing_changes()
    {
        using NetEndpoint net = Live(VirtioFeatures.Status);
        ulong generation = net.Read(CommonConfig.ConfigGeneration, 1);
        for (int i = 0; i < 10; i++)
        {
            net.ReadDevice(0, 8);
            net.ReadDevice(12, 4);
            Assert.Equal(generation, net.Read(CommonConfig.ConfigGeneration, 1));
        }
    }

    [Fact]
    public void V013_A_read_in_halves_across_a_change_is_seen_to_be_torn()
    {
        using NetEndpoint net = Live(VirtioFeatures.Mac);
        ulong before = net.Read(CommonConfig.ConfigGeneration, 1);
        net.ReadDevice(0, 4);
        net.Port.Policy = net.Port.Policy with { Mac = TestFrame.Mac(0x77) };
        net.ReadDevice(4, 2);
        Assert.NotEqual(before, net.Read(CommonConfig.ConfigGeneration, 1));
    }

    [Fact]
    public async Task V013_No_read_by_generation_is_ever_torn()
    {
        using NetEndpoint net = Live(VirtioFeatures.Mac);
        MacAddress[] addresses = [new(0x0202_0202_0202), new(0x0606_0606_0606)];
        net.Port.Policy = net.Port.Policy with { Mac = addresses[0] };
        using var stop = new CancellationTokenSource();
        Task changes = Task.Run(() =>
        {
            for (int i = 0; !stop.IsCancellationRequested; i++)
                net.Port.Policy = net.Port.Policy with { Mac = addresses[i % 2] };
        });
        for (int reads = 0; reads < 20_000; reads++)
        {
            ulong before = net.Read(CommonConfig.ConfigGeneration, 1);
            ulong address = net.ReadDevice(0, 4) | net.ReadDevice(4, 2) << 32;
            if (net.Read(CommonConfig.ConfigGeneration, 1) == before)
                Assert.Contains(address, addresses.Select(mac => mac.Value));
        }

        await stop.CancelAsync();
        await changes;
    }

    [Fact]
    public void V063_Without_the_status_feature_the_link_is_nobody_s_business()
    {
        using NetEndpoint net = Live(VirtioFeatures.Mac);
        net.Port.Policy = net.Port.Policy with { LinkState = LinkState.Disable };
        Assert.Empty(net.Messages);
    }

    [Fact]
    public void V063_A_link_change_before_driver_ok_sends_nothing()
    {
        using var net = new NetEndpoint();
        net.Negotiate(VirtioFeatures.Status);
        net.Write(CommonConfig.ConfigMsixVector, 2, 1);
        net.Port.Policy = net.Port.Policy with { LinkState = LinkState.Disable };
        Assert.Empty(net.Messages);
        Assert.Equal(0u, net.ReadDevice(6, 2));
    }

    [Fact]
    public void Announce_is_not_asked_of_a_driver_that_cannot()
    {
        using NetEndpoint net = Live(VirtioFeatures.Status);
        Assert.False(net.Function.RequestAnnounce());
        Assert.Equal(1u, net.ReadDevice(6, 2));
        Assert.Empty(net.Messages);
    }

    [Fact]
    public void Intx_stays_asserted_until_the_status_is_read()
    {
        using var net = new NetEndpoint(new NetFunctionSettings { Name = "net0/0", Interrupts = NetInterrupts.Intx });
        net.Negotiate(VirtioFeatures.Status);
        net.Status = 15;
        net.Port.Policy = net.Port.Policy with { LinkState = LinkState.Disable };
        Assert.Equal(1, net.IntxSignals);
        Assert.True(net.Endpoint.IntxAsserted);
        Assert.Equal(2u, net.Read(SoftIov.Devices.Virtio.VirtioBar.Isr, 1));
        Assert.False(net.Endpoint.IntxAsserted);
        Assert.Equal(0u, net.Read(SoftIov.Devices.Virtio.VirtioBar.Isr, 1));
    }

    [Fact]
    public void A_function_that_is_gone_can_be_asked_and_told_things()
    {
        var net = new NetEndpoint();
        net.Negotiate(VirtioFeatures.Status | VirtioFeatures.CtrlVq | VirtioFeatures.GuestAnnounce);
        net.Status = 15;
        net.Dispose();
        Assert.False(net.Function.RequestAnnounce());
        Assert.False(net.Function.Status.IsLive);
        net.Port.Policy = net.Port.Policy with { LinkState = LinkState.Disable };
        Assert.Empty(net.Messages);
    }

    private static uint Virtio(uint offset) => SoftIov.Devices.Virtio.VirtioBar.Device + offset;

    private static NetEndpoint Live(VirtioFeatures features)
    {
        var net = new NetEndpoint();
        net.Negotiate(features);
        net.Write(CommonConfig.ConfigMsixVector, 2, 1);
        net.Status = 15;
        return net;
    }
}
