using SoftIov.Linux;
using Xunit;

namespace SoftIov.Tests.Linux;

public sealed class HostInterfacesTests : IDisposable
{
    private readonly NetworkNamespace _host = new();
    private readonly HostInterfaces _interfaces;

    public HostInterfacesTests()
    {
        _interfaces = _host.Run(() => new HostInterfaces());
    }

    public void Dispose()
    {
        _interfaces.Dispose();
        _host.Dispose();
    }

    [NetworkFact]
    public void Interfaces_are_found_by_name_and_by_index()
    {
        _host.Ip("link add fifteen-bytes-x type veth peer name v1");
        int index = _interfaces.IndexOf("fifteen-bytes-x");
        Assert.Contains($"{index}: fifteen-bytes-x", _host.Ip("link show fifteen-bytes-x"), StringComparison.Ordinal);
        Assert.Equal("fifteen-bytes-x", _interfaces.NameOf(index));
        Assert.Equal(0, _interfaces.IndexOf("nowhere"));
        Assert.Equal(0, _interfaces.IndexOf("fifteen-bytes-xy"));
        Assert.Equal(0, _interfaces.IndexOf(""));
        Assert.Null(_interfaces.NameOf(9999));
    }

    [NetworkFact]
    public void Flags_mtu_and_kind_are_those_ip_shows()
    {
        _host.Ip("link add v0 mtu 9000 type veth peer name v1");
        Assert.False(_interfaces.FlagsOf("v0").HasFlag(InterfaceFlags.Up));
        Assert.Equal(Errno.None, _interfaces.TryBringUp("v0"));
        Assert.Equal(Errno.None, _interfaces.TryBringUp("v0"));
        Assert.True(_interfaces.FlagsOf("v0").HasFlag(InterfaceFlags.Up));
        Assert.Contains("BROADCAST,MULTICAST,UP", _host.Ip("link show v0"), StringComparison.Ordinal);
        _host.Ip("link set v1 up");
        Assert.True(SpinWait.SpinUntil(() => _interfaces.FlagsOf("v0").HasFlag(InterfaceFlags.Running), TimeSpan.FromSeconds(20)));
        Assert.Equal(9000, _interfaces.MtuOf("v0"));
        Assert.Equal(Errno.None, _interfaces.TrySetMtu("v0", 1400));
        Assert.Contains("mtu 1400", _host.Ip("link show v0"), StringComparison.Ordinal);
        Assert.Equal(Errno.EINVAL, _interfaces.TrySetMtu("v0", 7));
        Assert.True(_interfaces.IsEthernet("v0"));
        Assert.False(_interfaces.IsEthernet("lo"));
    }

    [NetworkFact]
    public void What_is_not_there_has_nothing_and_takes_nothing()
    {
        Assert.Equal(InterfaceFlags.None, _interfaces.FlagsOf("nowhere"));
        Assert.Equal(0, _interfaces.MtuOf("nowhere"));
        Assert.False(_interfaces.IsEthernet("nowhere"));
        Assert.Equal(Errno.ENODEV, _interfaces.TryBringUp("nowhere"));
        Assert.Equal(Errno.ENODEV, _interfaces.TrySetMtu("nowhere", 1500));
        Assert.Equal(Errno.ENODEV, _interfaces.TryBringUp("a-name-of-16-byt"));
    }

    [NetworkFact]
    public void Link_events_come_for_every_change_and_only_then()
    {
        using LinkEvents events = _host.Run(() => new LinkEvents());
        Assert.False(events.Consume());
        _host.Ip("link add v0 type veth peer name v1");
        Assert.True(PollDescriptor.WaitReadable(events.Descriptor, TimeSpan.FromSeconds(30)));
        Assert.True(events.Consume());
        Assert.False(events.Consume());
        _host.Ip("link del v0");
        Assert.True(events.Consume());
    }

    [NetworkFact]
    public void More_link_events_than_fit_are_one_event()
    {
        using LinkEvents events = _host.Run(() => new LinkEvents());
        string file = Path.GetTempFileName();
        File.WriteAllLines(file, Enumerable.Range(0, 400).Select(i => $"link add a{i} type veth peer name b{i}"));
        _host.Ip($"-batch {file}");
        File.Delete(file);
        Assert.True(events.Consume());
        Assert.False(events.Consume());
        _host.Ip("link del a7");
        Assert.True(events.Consume());
    }
}
