using System.Diagnostics;
using SoftIov.Lab.Nvme;
using Xunit;

namespace SoftIov.Tests.Devices.Nvme;

/// <summary>Feature 08h and 09h: few completions wait a little for more (NVMe 1.4, 5.21.1.8 and 5.21.1.9).</summary>
public sealed class InterruptCoalescingTests : IDisposable
{
    private const byte Coalescing = 0x08;
    private const byte VectorConfiguration = 0x09;

    /// <summary>Four entries, or 10 ms.</summary>
    private const uint FourOrTenMilliseconds = 3 | (100 << 8);

    private readonly ControllerRig _rig = ControllerRig.Enabled();
    private readonly NamespaceClient _disk;

    public InterruptCoalescingTests()
    {
        _disk = _rig.AddDisk();
    }

    public void Dispose() => _rig.Dispose();

    [Fact]
    public void Without_coalescing_every_visit_with_completions_interrupts()
    {
        Complete(1, seconds: 1);
        Assert.True(HasFired());
        Complete(1, seconds: 1);
        Assert.True(HasFired());
    }

    [Fact]
    public void Few_completions_wait_for_the_time()
    {
        _rig.Driver.Admin.SetFeature(Coalescing, FourOrTenMilliseconds).Check("coalescing");
        Complete(1, seconds: 1);
        Assert.True(_disk.Queue.Completions.HasNew);
        Assert.False(HasFired());
        Visit(1.009);
        Assert.False(HasFired());
        Visit(1.010);
        Assert.True(HasFired());
        Visit(2);
        Assert.False(HasFired());
    }

    [Fact]
    public void Enough_completions_interrupt_at_once()
    {
        _rig.Driver.Admin.SetFeature(Coalescing, FourOrTenMilliseconds).Check("coalescing");
        Complete(3, seconds: 1);
        Assert.False(HasFired());
        Complete(1, seconds: 1.001);
        Assert.True(HasFired());

        // The time of the next begins anew.
        Complete(1, seconds: 1.009);
        Visit(1.018);
        Assert.False(HasFired());
    }

    [Fact]
    public void A_vector_may_be_left_out_and_the_admin_queue_always_is()
    {
        _rig.Driver.Admin.SetFeature(Coalescing, FourOrTenMilliseconds).Check("coalescing");
        _rig.Driver.Admin.SetFeature(VectorConfiguration, (uint)_disk.Queue.Completions.Vector | (1 << 16)).Check("vector");
        Complete(1, seconds: 1);
        Assert.True(HasFired());
    }

    [Fact]
    public void A_threshold_without_a_time_delays_nothing()
    {
        _rig.Driver.Admin.SetFeature(Coalescing, 200).Check("coalescing");
        Complete(1, seconds: 1);
        Assert.True(HasFired());
    }

    [Fact]
    public void Before_a_shutdown_nothing_is_held_back()
    {
        _rig.Driver.Admin.SetFeature(Coalescing, FourOrTenMilliseconds).Check("coalescing");
        Complete(1, seconds: 1);
        Assert.False(HasFired());
        _rig.Driver.Registers.Configuration = _rig.Driver.Registers.Configuration.WithShutdown(1);
        Visit(1.001);
        Assert.True(HasFired());
    }

    private void Complete(int commands, double seconds)
    {
        for (int i = 0; i < commands; i++)
            Assert.True(_disk.Queue.TrySubmit(NvmCommand.Flush(_disk.NamespaceId), out _));
        _disk.Queue.Ring();
        Visit(seconds);
    }

    private void Visit(double seconds) => _rig.PollAt((long)(seconds * Stopwatch.Frequency));

    private bool HasFired() => _disk.Queue.Completions.Interrupt!.Wait(TimeSpan.Zero);
}
