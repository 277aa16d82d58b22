using System.Collections.Immutable;
using SoftIov.Api;
using SoftIov.Daemon.Planning;
using Xunit;

namespace SoftIov.Tests.Daemon;

/// <summary>Plans for nvme adapters: what changes under running guests, what takes data.</summary>
public class NvmePlanTests
{
    private static readonly NvmeAdapterSpec Disk0 =
        new("disk0", new BackingSpec(NvmeBackingKind.File, "/disk", 1L << 30), TotalVfs: 2, NumVfs: 1);

    [Fact]
    public void A_new_adapter_makes_its_namespaces_itself() => AssertPlan(
        null, Disk0, ["disk0: add the adapter: 2 VFs at most, backing file:/disk:1GiB", "disk0: enable 1 VF"]);

    [Fact]
    public void Ceilings_change_under_a_running_guest() => AssertPlan(
        Disk0, Disk0.WithVf(0, new NvmeVfSpec(Iops: 100, BandwidthMegabytes: 5)), ["disk0/0: set iops=100 bandwidth=5"]);

    [Fact]
    public void Interrupts_change_with_the_VFs_disabled() => AssertPlan(
        Disk0,
        Disk0.WithVf(0, new NvmeVfSpec(Interrupts: InterruptMode.Msi)),
        ["disk0: disable the VF", "disk0/0: set interrupts=msi", "disk0: enable 1 VF"],
        losses: ["disk0/0"]);

    [Fact]
    public void Who_has_a_namespace_changes_before_others_are_made() => AssertPlan(
        With((9, new(4096, Vfs: [0]))),
        With((1, new(8192, Vfs: [0], Pf: true, Shared: true)), (9, new(4096, Vfs: [1]))),
        ["disk0: give namespace 9 to VF 1", "disk0: create namespace 1: 8KiB shared for the PF, VF 0"]);

    [Fact]
    public void A_namespace_that_is_not_wanted_any_more_takes_its_data_along() => AssertPlan(
        With((1, new(4096)), (2, new(4096))), With((2, new(4096))), ["disk0: delete namespace 1 and its data"], erased: ["namespace 1 of disk0"]);

    [Fact]
    public void A_namespace_of_other_content_is_another() => AssertPlan(
        With((1, new(4096))),
        With((1, new(8192))),
        ["disk0: delete namespace 1 and its data", "disk0: create namespace 1: 8KiB for nobody"],
        erased: ["namespace 1 of disk0"]);

    [Fact]
    public void Shares_of_VFs_stay_when_they_are_said_in_words() => AssertPlan(Disk0, Disk0 with { VfNamespaces = VfNamespacesSpec.Equal }, []);

    [Fact]
    public void An_adapter_made_anew_keeps_what_its_file_keeps() => AssertPlan(
        Disk0,
        Disk0 with { QueuePairs = 2, TotalVfs = 1 },
        [
            "disk0: disable the VF", "disk0: delete namespace 2 and its data", "disk0: remove the adapter",
            "disk0: add the adapter: 1 VFs at most, backing file:/disk:1GiB", "disk0: enable 1 VF",
        ],
        losses: ["disk0/0"],
        erased: ["namespace 2 of disk0"]);

    [Fact]
    public void An_adapter_made_anew_loses_its_memory()
    {
        NvmeAdapterSpec memory = Disk0 with { Backing = new BackingSpec(NvmeBackingKind.Memory, Size: 1L << 30), NumVfs = 0 };

        AssertPlan(
            memory,
            memory with { QueuePairs = 2 },
            ["disk0: remove the adapter", "disk0: add the adapter: 2 VFs at most, backing memory:1GiB"],
            erased: ["the memory of disk0"]);
    }

    [Fact]
    public void A_name_that_changes_its_personality_is_another_adapter()
    {
        var current = new CurrentAdapter(Disk0 with { NumVfs = 0 }, new HashSet<int>());

        Plan plan = Plan.Between([current], new DesiredState([new NetAdapterSpec("disk0")]));

        Assert.Equal([typeof(RemoveAdapter), typeof(AddAdapter)], plan.Steps.Select(s => s.GetType()));
    }

    [Fact]
    public void A_plan_run_leads_to_the_state_that_was_planned_for()
    {
        DesiredState[] states =
        [
            new([Disk0]),
            new([With((1, new(4096, Vfs: [0])), (2, new(4096, Vfs: [1])))]),
            new([With((1, new(4096, Vfs: [1])), (3, new(8192)))]),
            new([Disk0 with { VfNamespaces = new VfNamespacesSpec(VfShare.Sized, 1 << 20) }]),
            new([Disk0 with { TotalVfs = 1, VfNamespaces = VfNamespacesSpec.None }]),
        ];
        var host = new AdapterHostModel();
        foreach (DesiredState state in states)
        {
            Executor.Run(Plan.Between(host.Current, state), host);

            Assert.Empty(Plan.Between(host.Current, state).Steps);
            Assert.Equal(
                ((NvmeAdapterSpec)state.Adapters[0]).WantedNamespaces, ((NvmeAdapterSpec)host.Current[0].Spec).WantedNamespaces);
        }
    }

    [Fact]
    public async Task What_takes_data_needs_force()
    {
        await using var fixture = new ControlFixture();
        fixture.Operations.Apply(new ApplyRequest(new DesiredState([With((1, new(4096)))])));
        var less = new ApplyRequest(new DesiredState([With((2, new(4096)))]));

        ControlException refused = Assert.Throws<ControlException>(() => fixture.Operations.Apply(less));
        fixture.Operations.Apply(less with { Force = true });

        Assert.Equal(ControlErrorCode.NeedsForce, refused.Code);
        Assert.Equal("data would be lost: namespace 1 of disk0", refused.Message);
        Assert.Equal([2], ((NvmeAdapterSpec)fixture.Operations.Desired.Adapters[0]).Namespaces.Keys);
    }

    private static NvmeAdapterSpec With(params (int Id, NamespaceSpec One)[] namespaces) =>
        Disk0 with { Namespaces = namespaces.ToImmutableSortedDictionary(n => n.Id, n => n.One) };

    private static void AssertPlan(
        NvmeAdapterSpec? was, NvmeAdapterSpec wanted, string[] steps, string[]? losses = null, string[]? erased = null)
    {
        CurrentAdapter[] current = was is null ? [] : [new CurrentAdapter(was, new HashSet<int> { 0 })];
        Plan plan = Plan.Between(current, new DesiredState([wanted]));

        Assert.Equal(steps, plan.Steps.Select(s => $"{s.Target}: {s.Action}"));
        Assert.Equal(losses ?? [], plan.Losses);
        Assert.Equal(erased ?? [], plan.Erased);
    }
}
