using SoftIov.Datapath;
using Xunit;

namespace SoftIov.Tests.Datapath;

/// <summary>max_tx_rate and min_tx_rate against simulated time: greedy senders ask, send 1500 byte frames, wait as told.</summary>
public class RateTests
{
    private const int FrameBytes = 1500;
    private const long Second = 1_000_000_000;

    private readonly VirtualSwitch _switch = new(new ManualClock());

    [Theory]
    [InlineData(1)]
    [InlineData(100)]
    [InlineData(10_000)]
    public void Max_tx_rate_is_met_within_a_percent(int megabits)
    {
        SwitchPort port = Add(1, VfPolicy.Default with { MaxTxRateMegabits = megabits });
        long[] bytes = Simulate(seconds: 4, port);
        Assert.InRange(bytes[0] * 8.0 / 4 / 1e6, megabits * 0.99, (megabits * 1.01) + 0.1);
    }

    [Fact]
    public void Without_a_limit_credit_is_endless()
    {
        SwitchPort port = Add(1, VfPolicy.Default);
        Assert.Equal(int.MaxValue, port.TransmitCreditBytes(0, out _));
    }

    [Fact]
    public void After_a_pause_no_more_than_two_milliseconds_worth_goes_at_once()
    {
        SwitchPort port = Add(1, VfPolicy.Default with { MaxTxRateMegabits = 1000 });
        Assert.InRange(port.TransmitCreditBytes(100 * Second, out _), 249_000, 250_000);
    }

    [Fact]
    public void A_long_frame_may_overdraw_and_is_paid_back()
    {
        const int Frame = 65536;
        var bucket = new TokenBucket(Second) { PerSecond = 1_250_000 };
        Assert.True(bucket.Credit(0, out _) > 0);
        bucket.Charge(Frame, 0);
        Assert.Equal(0, bucket.Credit(0, out long retryAt));
        Assert.Equal(0, bucket.Credit(retryAt - (Second / 500), out _));
        Assert.InRange(bucket.Credit(retryAt, out _), 1200, 1300);
        Assert.InRange(retryAt, (long)(Frame * 800L) - (Second / 500), Frame * 800L);
    }

    [Fact]
    public void Min_tx_rate_holds_against_greedy_neighbours_on_a_full_line()
    {
        _switch.LineRateMegabits = 1000;
        SwitchPort guaranteed = Add(1, VfPolicy.Default with { MinTxRateMegabits = 600 });
        SwitchPort greedy = Add(2, VfPolicy.Default);
        SwitchPort greedier = Add(3, VfPolicy.Default);
        long[] bytes = Simulate(seconds: 2, greedy, guaranteed, greedier);
        double[] megabits = [.. bytes.Select(b => b * 8.0 / 2 / 1e6)];
        Assert.True(megabits[1] >= 595, $"guaranteed 600, got {megabits[1]}");
        Assert.InRange(megabits.Sum(), 985, 1015);
        Assert.True(megabits[0] > 50 && megabits[2] > 50, $"the rest is for all: {megabits[0]}, {megabits[2]}");
    }

    [Fact]
    public void What_a_guaranteed_port_does_not_use_the_others_get()
    {
        _switch.LineRateMegabits = 1000;
        Add(1, VfPolicy.Default with { MinTxRateMegabits = 600 });
        SwitchPort greedy = Add(2, VfPolicy.Default);
        long[] bytes = Simulate(seconds: 2, greedy);
        Assert.InRange(bytes[0] * 8.0 / 2 / 1e6, 985, 1015);
    }

    private SwitchPort Add(int function, VfPolicy policy) => _switch.AddFunctionPort(function, policy, TestFrame.Mac(function));

    private static long[] Simulate(int seconds, params SwitchPort[] ports)
    {
        long[] sent = new long[ports.Length];
        long[] retryAt = new long[ports.Length];
        for (long now = 0; now < seconds * Second; now += 5_000)
        {
            for (int i = 0; i < ports.Length; i++)
            {
                if (now < retryAt[i])
                {
                    continue;
                }

                int credit = ports[i].TransmitCreditBytes(now, out retryAt[i]);
                long burst = (Math.Min(credit, FrameBatch.Capacity * FrameBytes) + FrameBytes - 1) / FrameBytes * FrameBytes;
                ports[i].Charge(burst, now);
                sent[i] += burst;
            }
        }

        return sent;
    }
}
