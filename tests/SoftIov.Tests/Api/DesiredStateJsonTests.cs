using System.Collections.Immutable;
using System.Text.Json;
using SoftIov.Api;
using Xunit;

namespace SoftIov.Tests.Api;

public class DesiredStateJsonTests
{
    [Fact]
    public void Members_that_are_not_there_have_their_defaults()
    {
        DesiredState state = Read("""{"adapters":[{"name":"net0","vfs":{"3":{"vlan":100}}}]}""");

        var adapter = Assert.IsType<NetAdapterSpec>(Assert.Single(state.Adapters));
        Assert.Equal(1500, adapter.Mtu);
        Assert.Equal(64, adapter.TotalVfs);
        Assert.Equal(UplinkKind.None, adapter.Uplink.Kind);
        Assert.Equal(NetVfSpec.Default with { Vlan = 100 }, adapter.Vf(3));
        Assert.Equal(NetVfSpec.Default, adapter.Vf(4));
    }

    [Fact]
    public void Policy_is_spelled_as_ip_link_spells_it()
    {
        var policy = new NetVfSpec(
            Vlan: 7, Qos: 3, Proto: VlanProtocol.Dot1Ad, MinTxRateMegabits: 10, MaxTxRateMegabits: 100, State: VfLinkState.Enable);
        var state = new DesiredState([new NetAdapterSpec("net0", Vfs: ImmutableSortedDictionary<int, NetVfSpec>.Empty.Add(3, policy))]);

        string json = JsonSerializer.Serialize(state, ControlJson.Default.DesiredState);

        Assert.Contains("\"vlan\":7,\"qos\":3,\"proto\":\"802.1ad\"", json);
        Assert.Contains("\"state\":\"enable\",\"min_tx_rate\":10,\"max_tx_rate\":100", json);
        Assert.Equal(policy, Read(json).Adapters[0].Vf(3));
    }

    [Fact]
    public void Unknown_members_are_refused() =>
        Assert.Throws<JsonException>(() => Read("""{"adapters":[{"name":"net0","vlans":1}]}"""));

    [Theory]
    [InlineData("""{"adapters":[{"name":"net0"}]}""")]
    [InlineData("""{"adapters":[{"name":"net0","personality":"net"}]}""")]
    [InlineData("""{"adapters":[{"personality":"net","name":"net0"}]}""")]
    public void An_adapter_is_of_the_personality_that_it_says_or_net(string json) =>
        Assert.Equal(Personality.Net, Assert.IsType<NetAdapterSpec>(Read(json).Adapters[0]).Personality);

    [Theory]
    [InlineData("""{"adapters":[{"name":"net0","personality":"tape"}]}""")]
    [InlineData("""{"adapters":[7]}""")]
    [InlineData("""{"adapters":["net0"]}""")]
    public void What_is_no_adapter_is_refused(string json) => Assert.Throws<JsonException>(() => Read(json));

    [Fact]
    public void Functions_of_net_adapters_say_their_personality_nowhere_and_are_read_again()
    {
        var function = new NetFunctionStatus
        {
            Target = "net0/3",
            Vf = 3,
            RoutingId = "01:00.4",
            Mac = "02:00:00:00:00:04",
            Policy = new NetVfSpec(Vlan: 7),
            LinkUp = true,
            Driver = "none",
            Counters = new NetCounters(1, 2, 3, 4, 5, 6, 7, 8, 9, 10),
        };
        var stats = new StatsResult(DateTimeOffset.UnixEpoch, [new FunctionStats("net0/3", function.Counters)]);

        string text = JsonSerializer.Serialize(function, ControlJson.Default.FunctionStatus);
        string counters = JsonSerializer.Serialize(stats, ControlJson.Default.StatsResult);

        Assert.DoesNotContain("personality", text + counters);
        Assert.Equal(function, JsonSerializer.Deserialize(text, ControlJson.Default.FunctionStatus));
        Assert.Equal(function.Counters, JsonSerializer.Deserialize(counters, ControlJson.Default.StatsResult)!.Functions[0].Counters);
        Assert.Contains("\"counters\":{\"rxPackets\":1,", text);
    }

    [Fact]
    public void Nvme_adapters_are_read_as_they_are_written()
    {
        var disk = new NvmeAdapterSpec(
            "disk0", new BackingSpec(NvmeBackingKind.File, "/disk", 1 << 20), VfNamespaces: VfNamespacesSpec.Equal,
            Namespaces: ImmutableSortedDictionary<int, NamespaceSpec>.Empty.Add(9, new NamespaceSpec(4096, 512, Shared: true, [1, 2])));

        string json = JsonSerializer.Serialize(new DesiredState([disk]), ControlJson.Default.DesiredState);
        var read = Assert.IsType<NvmeAdapterSpec>(Read(json).Adapters[0]);

        Assert.Equal(disk with { Namespaces = read.Namespaces, Vfs = read.Vfs }, read);
        Assert.Equal(disk.Namespaces, read.Namespaces);
        Assert.Contains("\"personality\":\"nvme\"", json);
    }

    private static DesiredState Read(string json) => JsonSerializer.Deserialize(json, ControlJson.Default.DesiredState)!;
}
