using System.Collections.Immutable;
using SoftIov.Api;
using SoftIov.Daemon.Configuration;
using Xunit;

namespace SoftIov.Tests.Daemon;

public class SettingChangeTests
{
    private static readonly NetVfSpec Former = new(Vlan: 7, Owner: "alice");

    private static readonly DesiredState State = new(
    [
        new NetAdapterSpec("net0", NumVfs: 2) { Vfs = ImmutableSortedDictionary<int, NetVfSpec>.Empty.Add(3, Former) },
        new NetAdapterSpec("net1"),
    ]);

    [Fact]
    public void Keys_of_an_adapter_change_together()
    {
        DesiredState changed = Set("net0", ("numVfs", "8"), ("uplink", "tap:t0:create"));

        var uplink = new UplinkSpec(UplinkKind.Tap, "t0", Create: true);
        Assert.Equal(State.Net() with { NumVfs = 8, Uplink = uplink }, changed.Adapters[0]);
        Assert.Same(State.Adapters[1], changed.Adapters[1]);
    }

    [Fact]
    public void Keys_of_a_VF_change_and_others_stay()
    {
        DesiredState changed = Set("net0/3", ("max_tx_rate", "1000"), ("owner", "none"), ("mac", "00:00:00:00:00:00"));

        Assert.Equal(Former with { MaxTxRateMegabits = 1000, Owner = null }, changed.Adapters[0].Vf(3));
    }

    [Theory]
    [InlineData("net0", "numVfs", "65", "numVfs 65 is not in 0 to 64", "raise totalVfs")]
    [InlineData("net0", "numvfs", "1", "unknown key 'numvfs'", "did you mean numVfs?")]
    [InlineData("net0", "name", "net1", "unknown key 'name'", "one of")]
    [InlineData("net0/3", "qos", "x", "'x' is no value of qos", "0 to 7")]
    [InlineData("net0/3", "trunk", "1-5", "a port VLAN or a trunk, not both", "leave")]
    [InlineData("net0/64", "vlan", "1", "VF 64 does not exist", "0 to 63")]
    public void A_wrong_key_or_value_changes_nothing(string target, string key, string value, string message, string fix)
    {
        var error = Assert.Throws<ControlException>(() => Set(target, ("mtu", "9000"), (key, value)).Adapters);

        Assert.Contains(error.Details.Errors, e => e.Message.Contains(message) && e.Fix!.Contains(fix));
        Assert.All(error.Details.Errors, e => Assert.Null(e.Line));
    }

    [Fact]
    public void An_adapter_that_is_not_there_is_not_found()
    {
        var error = Assert.Throws<ControlException>(() => Set("net2", ("mtu", "1500")));

        Assert.Equal(ControlErrorCode.NotFound, error.Code);
        Assert.Equal("did you mean net0?", error.Details.Errors[0].Fix);
    }

    private static DesiredState Set(string target, params (string Key, string Value)[] values) =>
        SettingChange.Apply(State, TargetName.Parse(target), values.ToDictionary(v => v.Key, v => v.Value));
}
