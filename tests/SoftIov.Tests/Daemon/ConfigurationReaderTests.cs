using SoftIov.Api;
using SoftIov.Daemon.Configuration;
using Xunit;

namespace SoftIov.Tests.Daemon;

public class ConfigurationReaderTests
{
    /// <summary>107 characters.</summary>
    private const string LongName = "01234567890123456789012345678901234567890123456789012345678901234567890123456789012345678901234567890123456";

    private const string Whole = """
        adapters:
          - name: net0
            personality: net
            totalVfs: 16
            numVfs: 4
            uplink:
              tap: {name: tap0, create: true}
            mtu: 9000
            queuePairs: 4
            mac: 52:54:00:00:00:01
            allowUnsealedMemory: true
            socketDirectory: /run/softiov/lab
            vfs:
              0: {mac: "52:54:00:00:00:02", vlan: 100, qos: 3, proto: 802.1ad}
              3:
                trunk: [10, 20-29]
                spoofchk: off
                trust: on
                state: enable
                min_tx_rate: 10
                max_tx_rate: 1000
                interrupts: intx
                owner: alice
          - name: net1
            uplink: interface:eth1
        """;

    [Fact]
    public void Every_key_is_read()
    {
        DesiredState state = ConfigurationReader.Read(Whole, "lab.yaml");

        Assert.Equal(2, state.Adapters.Count);
        NetAdapterSpec net0 = state.Net();
        Assert.Equal(
            new NetAdapterSpec(
                "net0", 16, 4, new UplinkSpec(UplinkKind.Tap, "tap0", Create: true), 9000, 4,
                "52:54:00:00:00:01", AllowUnsealedMemory: true, "/run/softiov/lab", net0.Vfs),
            net0);
        Assert.Equal([0, 3], net0.Vfs.Keys);
        Assert.Equal(new NetVfSpec("52:54:00:00:00:02", 100, 3, VlanProtocol.Dot1Ad), net0.Vf(0));
        Assert.Equal(
            new NetVfSpec(
                Trunk: "10,20-29", Spoofchk: false, Trust: true, State: VfLinkState.Enable, MinTxRateMegabits: 10,
                MaxTxRateMegabits: 1000, Interrupts: InterruptMode.Intx, Owner: "alice"),
            net0.Vf(3));
        NetAdapterSpec net1 = state.Net(1);
        Assert.Equal(new NetAdapterSpec("net1", Uplink: new UplinkSpec(UplinkKind.Interface, "eth1"), Vfs: net1.Vfs), net1);
    }

    [Theory]
    [InlineData("")]
    [InlineData("# nothing yet\n")]
    [InlineData("adapters:\n")]
    [InlineData("adapters: []\n")]
    public void Nothing_wanted_is_no_error(string text) => Assert.Empty(ConfigurationReader.Read(text, null).Adapters);

    // The place is that of the wrong value, or of the key when the key is wrong.
    [Theory]
    [InlineData("adaptors: []", 1, 1, "unknown key 'adaptors'", "did you mean adapters?")]
    [InlineData("- name: net0", 1, 1, "the file must be keys with values", "key: value")]
    [InlineData("adapters: 3", 1, 11, "adapters must be a list", "'- '")]
    [InlineData("adapters: [{numVfs: 1}]", 1, 12, "an adapter without a name", "name: net0")]
    [InlineData("adapters: [{name: 0net}]", 1, 19, "'0net' is no name of an adapter", "a letter")]
    [InlineData("adapters: [{name: a}, {name: a}]", 1, 30, "two adapters are named 'a'", "its own")]
    [InlineData("adapters: [{name: a, nunVfs: 1}]", 1, 22, "unknown key 'nunVfs'", "did you mean numVfs?")]
    [InlineData("adapters: [{name: a, colour: red}]", 1, 22, "unknown key 'colour'", "one of personality, totalVfs")]
    [InlineData("adapters: [{name: a, numVfs: many}]", 1, 30, "'many' is no value of numVfs", "0 to totalVfs")]
    [InlineData("adapters: [{name: a, numVfs: 65}]", 1, 30, "numVfs 65 is not in 0 to 64", "raise totalVfs")]
    [InlineData("adapters: [{name: a, numVfs: -1}]", 1, 30, "numVfs -1 is not in 0 to 64", "raise totalVfs")]
    [InlineData("adapters: [{name: a, totalVfs: 65536}]", 1, 32, "totalVfs 65536 is out of range", "1 to 65535")]
    [InlineData("adapters: [{name: a, mtu: 1279}]", 1, 27, "mtu 1279 is out of range", "1280 to 65535")]
    [InlineData(
        "adapters: [{name: a, lineRate: 100, vfs: {0: {min_tx_rate: 60}, 1: {min_tx_rate: 41}}}]",
        1, 32, "the VFs' min_tx_rate are 101 together, more than lineRate 100", "lower some, or raise lineRate")]
    [InlineData("adapters: [{name: a, queuePairs: 17}]", 1, 34, "queuePairs 17 is out of range", "1 to 16")]
    [InlineData("adapters: [{name: a, mtu: }]", 1, 27, "mtu has no value", "leave the key out")]
    [InlineData("adapters: [{name: a, mtu: {x: 1}}]", 1, 27, "mtu takes one value", "mtu: VALUE")]
    [InlineData("adapters: [{name: a, mtu: 1400, mtu: 1500}]", 1, 33, "'mtu' stands here twice, first in line 1", "keep one")]
    [InlineData("adapters: [{name: a, personality: nvme2}]", 1, 35, "'nvme2' is no value of personality", "net")]
    [InlineData("adapters: [{name: a, socketDirectory: run}]", 1, 39, "'run' is no absolute path", "begin it with /")]
    [InlineData("adapters: [{name: a, mac: 01:00:5e:00:00:01}]", 1, 27, "01:00:5e:00:00:01 is no unicast address", "even")]
    [InlineData("adapters: [{name: a, uplink: tap}]", 1, 30, "'tap' is no value of uplink", "tap:NAME")]
    [InlineData("adapters: [{name: a, uplink: {tap: x, interface: y}}]", 1, 30, "uplink takes one kind", "tap:")]
    [InlineData("adapters: [{name: a, uplink: {bridge: x}}]", 1, 31, "unknown key 'bridge'", "one of tap, interface")]
    [InlineData("adapters: [{name: a, uplink: {tap: {name: x/y}}}]", 1, 43, "'x/y' is no name of a network interface", "15 characters")]
    [InlineData("adapters: [{name: a, uplink: {tap: {name: x, make: 1}}}]", 1, 46, "unknown key 'make'", "name, create")]
    [InlineData("adapters: [{name: a, uplink: {tap: {name: x, create: 1}}}]", 1, 54, "'1' is no value of create", "true or false")]
    [InlineData("adapters: [{name: a, uplink: tap:x}, {name: b, uplink: interface:x}]", 1, 56,
        "two adapters have 'x' as uplink", "its own")]
    [InlineData("adapters: [{name: a, vfs: {x: {}}}]", 1, 28, "'x' is no VF number of its own", "from 0")]
    [InlineData("adapters: [{name: a, vfs: {1: {}, 01: {}}}]", 1, 35, "'01' is no VF number of its own", "each once")]
    [InlineData("adapters: [{name: a, vfs: {64: {}}}]", 1, 28, "VF 64 does not exist", "0 to 63")]
    [InlineData("adapters: [{name: a, vfs: {0: {vlam: 1}}}]", 1, 32, "unknown key 'vlam'", "did you mean vlan?")]
    [InlineData("adapters: [{name: a, vfs: {0: {maxTxRate: 1}}}]", 1, 32, "unknown key 'maxTxRate'", "did you mean max_tx_rate?")]
    [InlineData("adapters: [{name: a, vfs: {0: {vlan: 4095}}}]", 1, 38, "vlan 4095 is out of range", "0 to 4094")]
    [InlineData("adapters: [{name: a, vfs: {0: {vlan: 1, qos: 8}}}]", 1, 46, "qos 8 is out of range", "0 to 7")]
    [InlineData("adapters: [{name: a, vfs: {0: {transport: vhost-user:/" + LongName + "}}}]", 1, 43, "too long for a socket", "107 bytes")]
    [InlineData("adapters: [{name: a, vfs: {0: {qos: 1}}}]", 1, 37, "qos belongs to a port VLAN", "set vlan")]
    [InlineData("adapters: [{name: a, vfs: {0: {proto: 802.1ad}}}]", 1, 39, "proto belongs to a port VLAN", "set vlan")]
    [InlineData("adapters: [{name: a, vfs: {0: {proto: qinq}}}]", 1, 39, "'qinq' is no value of proto", "802.1Q or 802.1ad")]
    [InlineData("adapters: [{name: a, vfs: {0: {trunk: 30-20}}}]", 1, 39, "'30-20' is no list of VLAN ids", "10,20-29")]
    [InlineData("adapters: [{name: a, vfs: {0: {vlan: 1, trunk: 2}}}]", 1, 48,
        "a port VLAN or a trunk, not both", "leave vlan or trunk out")]
    [InlineData("adapters: [{name: a, vfs: {0: {min_tx_rate: 2, max_tx_rate: 1}}}]", 1, 45,
        "min_tx_rate 2 is above max_tx_rate 1", "lower")]
    [InlineData("adapters: [{name: a, vfs: {0: {max_tx_rate: fast}}}]", 1, 45, "'fast' is no value of max_tx_rate", "Mbit/s")]
    [InlineData("adapters: [{name: a, vfs: {0: {state: up}}}]", 1, 39, "'up' is no value of state", "auto or enable or disable")]
    [InlineData("adapters: [{name: a, vfs: {0: {trust: maybe}}}]", 1, 39, "'maybe' is no value of trust", "on or off")]
    [InlineData("adapters: [{name: a, vfs: {0: {interrupts: msi}}}]", 1, 44, "'msi' is no value of interrupts", "msix or intx")]
    [InlineData("adapters: [{name: a, vfs: {0: {mac: zz}}}]", 1, 37, "'zz' is no MAC address", "52:54:00:12:34:56")]
    [InlineData("adapters: [{name: a, vfs: {0: {mac: 02:00:00:00:00:01}, 1: {mac: 02:00:00:00:00:01}}}]", 1, 66,
        "belongs to a/0 already", "address of its own")]
    [InlineData("adapters: [{name: a, vfs: {0: {owner: a b}}}]", 1, 39, "'a b' is no user", "user id")]
    [InlineData("adapters: [{name: a, totalVfs: 65535, whole: true}]", 1, 32, "totalVfs 65535 is more than a VM can have of an adapter",
        "32767 at most, or leave whole at false")]
    [InlineData("adapters: [{name: a, totalVfs: 32768, whole: true}]", 1, 32, "totalVfs 32768 is more", "32767 at most")]
    [InlineData("adapters: [{name: &x a}]", 1, 19, "anchors and tags are not used here", "the value itself")]
    [InlineData("adapters: [}", 1, 12, "not YAML", "check")]
    [InlineData("adapters: []\n---\nadapters: []", 2, 1, "a second document", "one document")]
    public void What_is_wrong_is_said_with_its_place_and_a_fix(string text, int line, int column, string message, string fix)
    {
        ErrorDetail error = Assert.Single(Errors(text));

        Assert.Contains(message, error.Message);
        Assert.Contains(fix, error.Fix);
        Assert.Equal(("lab.yaml", line, column), (error.File, error.Line, error.Column));
    }

    [Fact]
    public void All_errors_are_reported_at_once_in_the_order_of_the_file()
    {
        const string text = """
            adapters:
              - name: net0
                mtu: 10
                numVFs: 2
                vfs:
                  99: {vlan: 5000}
            """;

        Assert.Equal(
            [
                "lab.yaml:3:10: mtu 10 is out of range (1280 to 65535)",
                "lab.yaml:4:5: unknown key 'numVFs' (did you mean numVfs?)",
                "lab.yaml:6:7: VF 99 does not exist (VFs of this adapter are 0 to 63 (totalVfs))",
                "lab.yaml:6:18: vlan 5000 is out of range (0 to 4094)",
            ],
            Errors(text).Select(e => e.ToString()));
    }

    [Theory]
    [InlineData("adapters: [{name: a, totalVfs: 32767, whole: true}]")]
    [InlineData("adapters: [{name: a, totalVfs: 65535}]")]
    public void As_many_vfs_as_fit_are_no_error(string text) => Assert.Single(ConfigurationReader.Read(text, null).Adapters);

    [Fact]
    public void Deep_nesting_is_an_error() =>
        Assert.Contains("nested deeper", Assert.Single(Errors(new string('[', 100_000))).Message);

    private static IReadOnlyList<ErrorDetail> Errors(string text)
    {
        var error = Assert.Throws<ControlException>(() => ConfigurationReader.Read(text, "lab.yaml"));
        Assert.Equal(ControlErrorCode.InvalidConfiguration, error.Code);
        return error.Details.Errors;
    }
}
