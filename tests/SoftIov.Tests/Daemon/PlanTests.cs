using System.Collections.Immutable;
using SoftIov.Api;
using SoftIov.Daemon.Planning;
using Xunit;

namespace SoftIov.Tests.Daemon;

public class PlanTests
{
    private static readonly NetAdapterSpec Net0 = new("net0", NumVfs: 4, Uplink: new UplinkSpec(UplinkKind.Tap, "t0"));

    [Fact]
    public void Nothing_to_do_is_an_empty_plan() => AssertPlan(Net0, Net0 with { Vfs = Net0.Vfs }, []);

    [Fact]
    public void A_new_adapter_is_added_and_then_its_VFs_are_enabled() =>
        AssertPlan(null, Net0, ["net0: add the adapter: 64 VFs at most, uplink tap t0, mtu 1500", "net0: enable 4 VFs"]);

    [Fact]
    public void An_adapter_goes_after_its_VFs() =>
        AssertPlan(Net0, null, ["net0: disable all 4 VFs", "net0: remove the adapter"], ["net0/0", "net0/2", "net0/pf"], [2, 0, -1]);

    [Fact]
    public void P035_NumVFs_changes_by_way_of_0() =>
        AssertPlan(Net0, Net0 with { NumVfs = 8 }, ["net0: disable all 4 VFs", "net0: enable 8 VFs"], ["net0/1"], [1, -1]);

    [Fact]
    public void VFs_are_enabled_from_0_at_once() => AssertPlan(Net0 with { NumVfs = 0 }, Net0 with { NumVfs = 1 }, ["net0: enable 1 VF"]);

    [Fact]
    public void VFs_are_disabled_to_0_at_once() => AssertPlan(Net0 with { NumVfs = 1 }, Net0 with { NumVfs = 0 }, ["net0: disable the VF"]);

    [Fact]
    public void Policy_changes_under_a_running_guest() =>
        AssertPlan(Net0, WithVf(3, new NetVfSpec(Vlan: 100, MaxTxRateMegabits: 10)), ["net0/3: set vlan=100 max_tx_rate=10"], attached: [3]);

    [Fact]
    public void Policy_of_a_VF_that_is_not_enabled_changes_too() =>
        AssertPlan(Net0, WithVf(9, new NetVfSpec(Interrupts: InterruptMode.Intx)), ["net0/9: set interrupts=intx"]);

    [Fact]
    public void Interrupts_of_an_enabled_VF_change_with_VF_Enable_off() =>
        AssertPlan(
            Net0,
            WithVf(3, new NetVfSpec(Interrupts: InterruptMode.Intx)),
            ["net0: disable all 4 VFs", "net0/3: set interrupts=intx", "net0: enable 4 VFs"],
            losses: ["net0/0"],
            attached: [0]);

    [Fact]
    public void The_line_rate_changes_under_running_guests() =>
        AssertPlan(Net0, Net0 with { LineRateMegabits = 1000 }, ["net0: set the line rate to 1000 Mbit/s"], attached: [0, -1]);

    [Fact]
    public void Uplink_changes_under_running_guests() =>
        AssertPlan(Net0, Net0 with { Uplink = UplinkSpec.None }, ["net0: change the uplink to none"], attached: [0, -1]);

    [Theory]
    [InlineData("totalVfs")]
    [InlineData("queuePairs")]
    [InlineData("mtu")]
    [InlineData("mac")]
    [InlineData("socketDirectory")]
    [InlineData("allowUnsealedMemory")]
    public void What_power_on_defines_makes_the_adapter_anew(string key)
    {
        AdapterSpec wanted = key switch
        {
            "totalVfs" => Net0 with { TotalVfs = 65 },
            "queuePairs" => Net0 with { QueuePairs = 3 },
            "mtu" => Net0 with { Mtu = 9000 },
            "mac" => Net0 with { Mac = "02:00:00:00:00:01" },
            "socketDirectory" => Net0 with { SocketDirectory = "/x" },
            _ => Net0 with { AllowUnsealedMemory = true },
        };
        Plan plan = Plan.Between([Current(Net0, CurrentAdapter.Pf)], new DesiredState([wanted]));

        Assert.Equal(
            [typeof(DisableVfs), typeof(RemoveAdapter), typeof(AddAdapter), typeof(EnableVfs)],
            plan.Steps.Select(s => s.GetType()));
        Assert.Equal("net0/pf", Assert.Single(plan.Losses));
    }

    [Fact]
    public void Adapters_go_before_others_come_so_that_an_uplink_can_move()
    {
        Plan plan = Plan.Between([Current(Net0 with { NumVfs = 0 })], new DesiredState([Net0 with { Name = "net1", NumVfs = 0 }]));

        Assert.Equal([typeof(RemoveAdapter), typeof(AddAdapter)], plan.Steps.Select(s => s.GetType()));
    }

    [Fact]
    public void A_step_that_fails_ends_the_run_and_the_rest_is_reported_as_skipped()
    {
        var host = new AdapterHostModel { Fails = "enable" };
        Plan plan = Plan.Between([], new DesiredState([Net0, Net0 with { Name = "net1" }]));

        IReadOnlyList<StepReport> reports = Executor.Run(plan, host);

        Assert.Equal([StepOutcome.Done, StepOutcome.Failed, StepOutcome.Skipped, StepOutcome.Skipped], reports.Select(r => r.Outcome));
        Assert.Equal("enable fails", reports[1].Error);
        Assert.Equal(Net0 with { NumVfs = 0 }, Assert.Single(host.Current).Spec);
    }

    [Fact]
    public void A_plan_run_leads_to_the_state_that_was_planned_for()
    {
        DesiredState[] states =
        [
            new([Net0]),
            new([WithVf(3, new NetVfSpec(Vlan: 5)), Net0 with { Name = "net1", NumVfs = 0, Uplink = UplinkSpec.None }]),
            new([WithVf(3, new NetVfSpec(Interrupts: InterruptMode.Intx)) with { NumVfs = 5 }]),
            new([Net0 with { TotalVfs = 8 }]),
            DesiredState.Empty,
        ];
        var host = new AdapterHostModel();
        foreach (DesiredState state in states)
        {
            Executor.Run(Plan.Between(host.Current, state), host);

            Assert.Equal(state.Adapters.Select(Show).Order(), host.Current.Select(c => Show(c.Spec)).Order());
            Assert.Empty(Plan.Between(host.Current, state).Steps);
        }
    }

    private static string Show(AdapterSpec spec) =>
        System.Text.Json.JsonSerializer.Serialize(new DesiredState([spec]), ControlJson.Default.DesiredState);

    private static NetAdapterSpec WithVf(int vf, NetVfSpec spec) =>
        Net0 with { Vfs = ImmutableSortedDictionary<int, NetVfSpec>.Empty.Add(vf, spec) };

    private static CurrentAdapter Current(AdapterSpec spec, params int[] attached) => new(spec, attached.ToHashSet());

    private static void AssertPlan(AdapterSpec? was, AdapterSpec? wanted, string[] steps, string[]? losses = null, int[]? attached = null)
    {
        Plan plan = Plan.Between(was is null ? [] : [Current(was, attached ?? [])], new DesiredState(wanted is null ? [] : [wanted]));

        Assert.Equal(steps, plan.Steps.Select(s => $"{s.Target}: {s.Action}"));
        Assert.Equal(losses ?? [], plan.Losses);
    }
}
