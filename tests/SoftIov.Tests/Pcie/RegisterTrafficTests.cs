using FsCheck;
using FsCheck.Fluent;
using SoftIov.Memory;
using SoftIov.Pcie;
using Xunit;

namespace SoftIov.Tests.Pcie;

/// <summary>
/// Random register traffic of all widths and alignments, from the bus and through assigned views. Whatever it is, the rules of SR-IOV hold
/// and nothing throws. A failure names the seed that makes it again.
/// </summary>
public class RegisterTrafficTests
{
    private const int TotalVfs = 40;
    private const int Physicals = 2;
    private const int Steps = 400;

    [Fact]
    public void Random_traffic_breaks_no_rule()
    {
        Prop.ForAll<DoNotSize<int>>(seed => Run(new Random(seed.Item), touchesPort: false)).Check(Config.QuickThrowOnFailure.WithMaxTest(30));
    }

    [Fact]
    public void Random_traffic_to_the_root_port_too_throws_nothing()
    {
        Prop.ForAll<DoNotSize<int>>(seed => Run(new Random(seed.Item), touchesPort: true)).Check(Config.QuickThrowOnFailure.WithMaxTest(20));
    }

    private static bool Run(Random random, bool touchesPort)
    {
        using Fabric fabric = new(TotalVfs, Physicals, msi: 8, timing: new SriovTiming { VfReadyAfter = TimeSpan.FromMilliseconds(200) });
        RegisterTraffic traffic = new(fabric, random, touchesPort);
        fabric.Enable(3, 1);
        fabric.Clock.Advance(TimeSpan.FromSeconds(1));
        traffic.RememberConstants();
        for (int step = 0; step < Steps; step++)
        {
            LockedState[] before = [.. Enumerable.Range(0, Physicals).Select(pf => LockedState.Of(fabric.Device, pf))];
            traffic.Step();
            for (int pf = 0; pf < Physicals; pf++)
                AssertLocked(before[pf], LockedState.Of(fabric.Device, pf));
            if (step % 40 == 39)
                AssertWhole(fabric, traffic, touchesPort);
        }

        Assert.Equal(0, fabric.Device.HostFailures);
        return true;
    }

    /// <summary>While VF Enable stays set nothing moves under it, and it is never set beyond TotalVFs.</summary>
    private static void AssertLocked(LockedState before, LockedState after)
    {
        if (before.IsEnabled && after.IsEnabled)
            Assert.Equal(before, after);
        if (after.IsEnabled)
            Assert.InRange(after.NumVfs, 0, TotalVfs);
    }

    private static void AssertWhole(Fabric fabric, RegisterTraffic traffic, bool touchesPort)
    {
        fabric.Clock.Advance(TimeSpan.FromSeconds(1));
        AssertRoutingIdsUnique(fabric);
        if (touchesPort)
            return;
        AssertOnlyEnabledVfsAnswer(fabric);
        traffic.AssertConstants();
    }

    private static void AssertRoutingIdsUnique(Fabric fabric)
    {
        HashSet<RequesterId> ids = [];
        for (int pf = 0; pf < Physicals; pf++)
        {
            Assert.True(ids.Add(fabric.Device.RequesterOf(pf)));
            Assert.Equal(fabric.Device.RequesterOf(pf), fabric.Device.Engines[pf].Physical.Dma.Requester);
            for (int vf = 0; fabric.Device.Vf(pf, vf) is { } function; vf++)
                Assert.True(ids.Add(function.Dma.Requester), $"{function.Name} at {function.Dma.Requester}");
        }
    }

    private static void AssertOnlyEnabledVfsAnswer(Fabric fabric)
    {
        HashSet<RequesterId> expected = [.. Enumerable.Range(0, Physicals).Select(pf => fabric.Pf(pf).Id)];
        for (int pf = 0; pf < Physicals; pf++)
        {
            LockedState state = LockedState.Of(fabric.Device, pf);
            for (int vf = 0; vf < (state.IsEnabled ? state.NumVfs : 0); vf++)
                expected.Add(fabric.VfId(vf, pf));
        }

        HashSet<RequesterId> answering = [];
        for (int id = 0x100; id < 0x400; id++)
        {
            if (fabric.Answers(new((ushort)id)))
                answering.Add(new((ushort)id));
        }

        Assert.True(expected.SetEquals(answering), $"expected {expected.Count} functions to answer, {answering.Count} did");
    }
}
