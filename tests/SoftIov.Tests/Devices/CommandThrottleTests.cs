using SoftIov.Devices.Virtio.Net;
using Xunit;

namespace SoftIov.Tests.Devices;

public sealed class CommandThrottleTests
{
    private const long TicksPerSecond = 1_000_000;

    [Fact]
    public void Cheap_commands_are_counted() => Assert.InRange(CommandsInOneSecond(elapsedTicks: 1, ports: 4000), 7_900, 8_100);

    [Fact]
    public void Dear_commands_have_a_tenth_of_the_time_at_most() => Assert.InRange(CommandsInOneSecond(elapsedTicks: 800, ports: 4000), 110, 140);

    [Fact]
    public void Time_that_the_host_took_is_not_the_drivers_to_pay()
    {
        var throttle = new CommandThrottle(TicksPerSecond);
        throttle.Charge(1, TicksPerSecond, ports: 3);
        Assert.Equal(63, throttle.Credit(0, out _));
    }

    /// <summary>A driver that never stops, one command a poll.</summary>
    private static int CommandsInOneSecond(long elapsedTicks, int ports)
    {
        var throttle = new CommandThrottle(TicksPerSecond);
        int done = 0;
        for (long now = 0; now < TicksPerSecond;)
        {
            if (throttle.Credit(now, out long retryAt) > 0)
            {
                throttle.Charge(1, elapsedTicks, ports);
                done++;
                now += elapsedTicks;
            }
            else
            {
                Assert.True(retryAt > now, "a poller that comes back at once spins");
                now = retryAt;
            }
        }

        return done;
    }
}
