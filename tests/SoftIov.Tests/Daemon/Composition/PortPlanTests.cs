using SoftIov.Api;
using SoftIov.Daemon.Composition;
using SoftIov.Datapath;
using SoftIov.Devices.Virtio.Net;
using SoftIov.Memory;
using Xunit;

namespace SoftIov.Tests.Daemon.Composition;

/// <summary>Ports of VFs: each change of a port builds tables for all ports, so a thousand VFs must not come one by one.</summary>
public sealed class PortPlanTests
{
    [Theory]
    [InlineData(1500)]
    [InlineData(9000)]
    public void A_VF_that_is_made_after_VF_enable_changes_no_table(int mtu)
    {
        var plan = new PortPlan(new NetAdapterSpec("net0", TotalVfs: 64, Mtu: mtu), TimeProvider.System);
        plan.CutLink(3, isCut: true);
        plan.AddVfs(64);
        ForwardingTable enabled = plan.Switch.Table;
        Assert.Equal(1 + 64, enabled.Stations.Length);
        for (int vf = 0; vf < 64; vf++)
        {
            SwitchPort port = plan.Virtual(vf)!;
            using var function = new NetFunction(plan.SettingsOf(vf), port, new NativeStateStore(), TimeProvider.System, scheduler: null);
            Assert.Same(enabled, plan.Switch.Table);
            Assert.Equal((mtu, vf != 3), (port.Mtu, port.LinkUp));
        }
    }

    [Fact]
    public void VFs_that_are_disabled_leave_the_switch_and_come_back_with_what_the_operator_said()
    {
        var plan = new PortPlan(new NetAdapterSpec("net0", TotalVfs: 8), TimeProvider.System);
        plan.AddVfs(8);
        plan.Change(2, NetVfSpec.Default with { Mac = "02:00:00:00:00:77" });
        plan.RemoveVfs();
        Assert.Null(plan.Virtual(2));
        plan.AddVfs(4);
        Assert.Equal("02:00:00:00:00:77", plan.Virtual(2)!.MacAddress.ToString());
        Assert.Null(plan.Virtual(4));
        Assert.Equal(5, plan.Switch.Table.Stations.ToArray().Count(station => station is not null));
    }
}
