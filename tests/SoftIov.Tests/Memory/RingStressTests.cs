using SoftIov.Lab.Virtio;
using SoftIov.Memory;
using Xunit;

namespace SoftIov.Tests.Memory;

/// <summary>
/// Two threads at one ring. A side that sleeps does so until the other wakes it: a wake-up that is lost is a test that does not end, which
/// the patience of the sleeper turns into a failure.
/// </summary>
public sealed class RingStressTests
{
    private const int Chains = 300_000;
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    [Theory]
    [InlineData(RingFeatures.None)]
    [InlineData(RingFeatures.EventIndex)]
    [InlineData(RingFeatures.Packed)]
    [InlineData(RingFeatures.Packed | RingFeatures.EventIndex)]
    public void V034_No_interrupt_is_lost(RingFeatures features) => Exchange(features, deviceSleeps: false, driverSleeps: true);

    [Theory]
    [InlineData(RingFeatures.None)]
    [InlineData(RingFeatures.EventIndex)]
    [InlineData(RingFeatures.Packed)]
    [InlineData(RingFeatures.Packed | RingFeatures.EventIndex)]
    public void V035_No_kick_is_lost(RingFeatures features) => Exchange(features, deviceSleeps: true, driverSleeps: false);

    [Theory]
    [InlineData(RingFeatures.EventIndex)]
    [InlineData(RingFeatures.Packed | RingFeatures.EventIndex)]
    public void Both_sides_sleep_and_wake(RingFeatures features) => Exchange(features, deviceSleeps: true, driverSleeps: true);

    private static void Exchange(RingFeatures features, bool deviceSleeps, bool driverSleeps)
    {
        int size = (features & RingFeatures.Packed) != 0 ? 13 : 16;
        using var ring = new RingSetup(size, features);
        using var kick = new AutoResetEvent(false);
        using var interrupt = new AutoResetEvent(false);
        Exception? failure = null;
        var device = new Thread(() => failure = Record.Exception(() => Serve(ring, kick, interrupt, deviceSleeps)));
        device.Start();
        try
        {
            Drive(ring, kick, interrupt, driverSleeps);
        }
        finally
        {
            Assert.True(device.Join(2 * Patience));
            Assert.Null(failure);
        }

        Assert.Equal(VirtqueueFault.None, ring.Device.Fault);
    }

    private static void Serve(RingSetup ring, AutoResetEvent kick, AutoResetEvent interrupt, bool sleeps)
    {
        var random = new Random(1);
        var batch = new ChainBatch(16, 64);
        var written = new uint[16];
        ring.Device.SuppressKicks();
        for (int served = 0; served < Chains;)
        {
            batch.Clear();
            int count = ring.Device.Take(batch, random.Next(1, 9));
            if (count == 0)
            {
                if (sleeps && !ring.Device.ArmKicks())
                    Assert.True(kick.WaitOne(Patience), $"The device waits for a kick after {served} chains.");
                ring.Device.SuppressKicks();
                continue;
            }

            ring.Device.Complete(batch, 0, written.AsSpan(0, count));
            ring.Device.Publish();
            served += count;

            // Now and then the decision comes late, as with coalescing, but always before the device sleeps.
            if (random.Next(4) != 0 || ring.Device.IsEmpty)
            {
                if (ring.Device.NeedsInterrupt())
                    interrupt.Set();
            }
        }

        interrupt.Set();
    }

    private static void Drive(RingSetup ring, AutoResetEvent kick, AutoResetEvent interrupt, bool sleeps)
    {
        var random = new Random(2);
        var used = new UsedBuffer[16];
        ring.Driver.SuppressInterrupts();
        int added = 0;
        for (int collected = 0; collected < Chains;)
        {
            int burst = Math.Min(random.Next(1, 6), Chains - added);
            while (burst-- > 0 && ring.Driver.Add([new(ring.Buffers, 64, (ushort)added)], isWritable: false) == 1)
                added++;
            ring.Driver.Publish();
            if (ring.Driver.NeedsKick())
                kick.Set();
            int count = ring.Driver.Collect(used);
            for (int i = 0; i < count; i++)
                Assert.Equal((ushort)(collected + i), used[i].Token);
            collected += count;
            bool mustWait = count == 0 && (ring.Driver.FreeCount == 0 || added == Chains);
            if (mustWait && sleeps && !ring.Driver.ArmInterrupts())
                Assert.True(interrupt.WaitOne(Patience), $"The driver waits for an interrupt after {collected} chains.");
            if (mustWait)
                ring.Driver.SuppressInterrupts();
        }
    }
}
