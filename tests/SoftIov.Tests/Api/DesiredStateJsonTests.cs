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

        AdapterSpec adapter = Assert.Single(state.Adapters);
        Assert.Equal(1500, adapter.Mtu);
        Assert.Equal(64, adapter.TotalVfs);
        Assert.Equal(UplinkKind.None, adapter.Uplink.Kind);
        Assert.Equal(VfSpec.Default with { Vlan = 100 }, adapter.Vf(3));
        Assert.Equal(VfSpec.Default, adapter.Vf(4));
    }

    [Fact]
    public void Policy_is_spelled_as_ip_link_spells_it()
    {
        var policy = new VfSpec(
            Vlan: 7, Qos: 3, Proto: VlanProtocol.Dot1Ad, MinTxRateMegabits: 10, MaxTxRateMegabits: 100, State: VfLinkState.Enable);
        var state = new DesiredState([new AdapterSpec("net0", Vfs: ImmutableSortedDictionary<int, VfSpec>.Empty.Add(3, policy))]);

        string json = JsonSerializer.Serialize(state, ControlJson.Default.DesiredState);

        Assert.Contains("\"vlan\":7,\"qos\":3,\"proto\":\"802.1ad\"", json);
        Assert.Contains("\"state\":\"enable\",\"min_tx_rate\":10,\"max_tx_rate\":100", json);
        Assert.Equal(policy, Read(json).Adapters[0].Vf(3));
    }

    [Fact]
    public void Unknown_members_are_refused() =>
        Assert.Throws<JsonException>(() => Read("""{"adapters":[{"name":"net0","vlans":1}]}"""));

    private static DesiredState Read(string json) => JsonSerializer.Deserialize(json, ControlJson.Default.DesiredState)!;
}
