using SoftIov.Devices.Virtio.Net;
using Xunit;

namespace SoftIov.Tests.Devices;

public sealed class CommandThrottleTests
{
    private const long TicksPerSecond = 1_000_000;

    [Fact]
    public void Cheap_commands_are_counted() => Assert.InRange(CommandsInOneSecond(elapsedTicks: 1), 7_900, 8_100);

    [Fact]
    public void Dear_commands_have_a_tenth_of_the_time_at_most() => Assert.InRange(CommandsInOneSecond(elapsedTicks: 1_000), 90, 110);

    /// <summary>A driver that never stops, one command a poll.</summary>
    private static int CommandsInOneSecond(long elapsedTicks)
    {
        var throttle = new CommandThrottle(TicksPerSecond);
        int done = 0;
        for (long now = 0; now < TicksPerSecond;)
        {
            if (throttle.Credit(now, out long retryAt) > 0)
            {
                throttle.Charge(1, elapsedTicks);
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
