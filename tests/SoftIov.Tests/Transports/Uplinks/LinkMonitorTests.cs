using SoftIov.Tests.Linux;
using SoftIov.Transports.Uplinks;
using Xunit;

namespace SoftIov.Tests.Transports;

public sealed class LinkMonitorTests : IDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(20);

    private readonly NetworkNamespace _host = new();
    private readonly Uplinks _uplinks;

    public LinkMonitorTests()
    {
        _uplinks = _host.Run(() => new Uplinks());
    }

    public void Dispose()
    {
        _uplinks.Dispose();
        _host.Dispose();
    }

    [NetworkFact]
    public void Each_uplink_hears_of_its_own_interface_only()
    {
        var told = new List<string>();
        using IUplink first = Open("t1");
        using IUplink second = Open("t2");
        using var done = new ManualResetEventSlim();
        first.CarrierChanged += up => told.Add($"t1 {up}");
        second.CarrierChanged += up =>
        {
            told.Add($"t2 {up}");
            done.Set();
        };
        _host.Ip("link set t1 down");
        _host.Ip("link set t1 mtu 1400");
        Assert.True(SpinWait.SpinUntil(() => !first.HasCarrier, Patience));
        _host.Ip("link set t2 down");
        Assert.True(done.Wait(Patience));
        Assert.Equal(["t1 False", "t2 False"], told);
    }

    [NetworkFact]
    public void Nobody_waits_for_who_follows_a_carrier()
    {
        IUplink followed = Open("t1");
        using IUplink other = Open("t2");
        using var entered = new ManualResetEventSlim();
        using var leave = new ManualResetEventSlim();
        followed.CarrierChanged += _ =>
        {
            entered.Set();
            leave.Wait(Patience);
        };
        _host.Ip("link set t1 down");
        Assert.True(entered.Wait(Patience));
        Task closing = Task.Run(followed.Dispose);
        Assert.True(closing.Wait(Patience / 2), "closing waited for a follower");
        using IUplink third = Open("t3");
        leave.Set();
    }

    [NetworkFact]
    public void A_follower_that_throws_is_told_of_and_the_watch_goes_on()
    {
        IUplink? faulted = null;
        _uplinks.UplinkFaulted += (uplink, _) => Volatile.Write(ref faulted, uplink);
        using IUplink first = Open("t1");
        using IUplink second = Open("t2");
        first.CarrierChanged += _ => throw new InvalidOperationException("broken on purpose");
        _host.Ip("link set t1 down");
        Assert.True(SpinWait.SpinUntil(() => Volatile.Read(ref faulted) is not null, Patience));
        Assert.Same(first, faulted);
        _host.Ip("link set t2 down");
        Assert.True(SpinWait.SpinUntil(() => !second.HasCarrier, Patience));
    }

    [NetworkFact]
    public void A_storm_of_changes_elsewhere_ends_with_what_is_so()
    {
        using IUplink uplink = Open("t1");
        string file = Path.GetTempFileName();
        var storm = new List<string>();
        for (int i = 0; i < 300; i++)
        {
            storm.Add($"link add a{i} type veth peer name b{i}");
            storm.Add($"link set t1 {(i % 2 == 0 ? "down" : "up")}");
        }

        File.WriteAllLines(file, storm.Append("link set t1 down"));
        _host.Ip($"-batch {file}");
        File.Delete(file);
        Assert.True(SpinWait.SpinUntil(() => !uplink.HasCarrier, Patience));
        _host.Ip("link set t1 up");
        Assert.True(SpinWait.SpinUntil(() => uplink.HasCarrier, Patience));
    }

    private IUplink Open(string name) => _host.Run(() => _uplinks.Open(UplinkOptions.Tap(name, create: true)));
}
