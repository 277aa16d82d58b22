using SoftIov.Linux;
using SoftIov.Tests.Linux;
using SoftIov.Transports.Uplinks;
using Xunit;

namespace SoftIov.Tests.Transports;

/// <summary>What cannot be opened is refused with words that help.</summary>
public sealed class UplinkOpeningTests : IDisposable
{
    private readonly UplinkSetup _setup = new();

    public void Dispose() => _setup.Dispose();

    [NetworkFact]
    public void No_uplink_is_an_uplink_with_a_carrier_and_nothing_else()
    {
        using IUplink uplink = _setup.OpenAlone(UplinkOptions.None);
        Assert.True(uplink.HasCarrier);
        Assert.Null(uplink.Readable);
    }

    [NetworkFact]
    public void A_tap_that_is_not_there() =>
        AssertRefused(UplinkOptions.Tap("t0"), Errno.ENODEV, "interface t0", "ip tuntap add t0 mode tap");

    [NetworkFact]
    public void An_interface_that_is_not_there() => AssertRefused(UplinkOptions.Interface("eth7"), Errno.ENODEV, "interface eth7", "ip link");

    [NetworkFact]
    public void Names_that_no_interface_can_have()
    {
        AssertRefused(UplinkOptions.Tap("sixteen-bytes-xx", create: true), Errno.ENAMETOOLONG, "sixteen-bytes-xx", "1 to 15 bytes");
        AssertRefused(UplinkOptions.Interface("äöüäöüäö"), Errno.ENAMETOOLONG, "1 to 15 bytes");
        AssertRefused(UplinkOptions.Interface(""), Errno.EINVAL, "1 to 15 bytes");
        AssertRefused(UplinkOptions.Tap("a/b", create: true), Errno.EINVAL, "tap a/b");
    }

    [NetworkFact]
    public void A_tap_that_another_program_has()
    {
        using IUplink first = _setup.OpenAlone(UplinkOptions.Tap("t0", create: true));
        AssertRefused(UplinkOptions.Tap("t0"), Errno.EBUSY, "tap t0", "another program has it open");
    }

    [NetworkFact]
    public void Interfaces_that_are_no_taps()
    {
        _setup.Host.Ip("link add v0 type veth peer name v1");
        AssertRefused(UplinkOptions.Tap("v0"), Errno.EINVAL, "tap v0", "it is no tap");
        _setup.Host.Ip("tuntap add dev tun0 mode tun");
        AssertRefused(UplinkOptions.Tap("tun0"), Errno.EINVAL, "tap tun0", "it is no tap");
    }

    [NetworkFact]
    public void Interfaces_without_ethernet() => AssertRefused(UplinkOptions.Interface("lo"), Errno.EINVAL, "interface lo", "no Ethernet");

    [NetworkFact]
    public void An_mtu_that_a_tap_cannot_have_and_nothing_stays_behind()
    {
        AssertRefused(UplinkOptions.Tap("t0", create: true, mtu: 10), Errno.EINVAL, "tap t0", "10 bytes");
        Assert.True(_setup.Host.IsRidOf("t0"));
    }

    [NetworkFact]
    public void Nothing_is_left_open_by_refusals_and_by_uplinks_that_were_closed()
    {
        _setup.Host.Ip("link add v0 type veth peer name v1");
        UplinkOptions[] good = [UplinkOptions.Tap("t0", create: true), UplinkOptions.Interface("v0"), UplinkOptions.None];
        UplinkOptions[] bad = [UplinkOptions.Tap("v0"), UplinkOptions.Interface("lo"), UplinkOptions.Tap("t0", create: true, mtu: 10)];
        for (int i = 0; i < 3; i++)
        {
            Array.ForEach(good, options => _setup.OpenAlone(options).Dispose());
            Array.ForEach(bad, options => Assert.Throws<LinuxException>(() => _setup.OpenAlone(options)));
        }

        // An open socket would keep the interface promiscuous, an open tap would exist.
        Assert.True(_setup.Host.IsLink("v0", "promiscuity 0"));
        Assert.True(_setup.Host.IsRidOf("t0"));
    }

    private void AssertRefused(UplinkOptions options, Errno error, params string[] words)
    {
        LinuxException refused = Assert.Throws<LinuxException>(() => _setup.OpenAlone(options));
        Assert.Equal(error, refused.Errno);
        Assert.All(words, word => Assert.Contains(word, refused.Message, StringComparison.Ordinal));
    }
}
