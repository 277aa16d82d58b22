using SoftIov.Lab.Guests;
using Xunit;

namespace SoftIov.Tests.Lab.Guests;

/// <summary>Guests with built-in drivers through an adapter, a switch and a poller, all real, without a transport.</summary>
public sealed class GuestNicTests : IDisposable
{
    private static readonly Ipv4Address First = Ipv4Address.Parse("10.0.0.1");
    private static readonly Ipv4Address Second = Ipv4Address.Parse("10.0.0.2");
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    private readonly NetPairSetup _setup = new(vfCount: 2);
    private readonly GuestNic _first;
    private readonly GuestNic _second;

    public GuestNicTests()
    {
        _first = new GuestNic(new EndpointDevice(_setup.Adapter.Vf(0)!), [First]);
        _second = new GuestNic(new EndpointDevice(_setup.Adapter.Vf(1)!), [Second]);
    }

    [Fact]
    public void Pings_AreAnswered()
    {
        PingResult result = _first.Echo.Ping(Second, 20, Patience);

        Assert.Equal(20, result.Received);
        Assert.Equal(0, result.LossPercent);
        Assert.True(result.RoundTripMilliseconds > 0);
    }

    [Fact]
    public void Pings_ToNobody_AreLost()
    {
        PingResult result = _first.Echo.Ping(Ipv4Address.Parse("10.0.0.77"), 1, TimeSpan.FromMilliseconds(10));

        Assert.Equal(new PingResult(1, 0, 0), result);
        Assert.Equal(100, result.LossPercent);
    }

    [Fact]
    public void Stream_MovesAndChecksData_InLongSegments()
    {
        StreamResult result = StreamSender.Run(_first, Second, TimeSpan.FromMilliseconds(300));

        Assert.True(_first.CutsSegments);
        Assert.True(result.Bytes > 0);
        Assert.True(result.MegabitsPerSecond > 0);
    }

    [Fact]
    public void Streams_FollowEachOther_BothWays()
    {
        foreach (int _ in Enumerable.Range(0, 3))
        {
            Assert.True(StreamSender.Run(_first, Second, TimeSpan.FromMilliseconds(50)).Bytes > 0);
            Assert.True(StreamSender.Run(_second, First, TimeSpan.FromMilliseconds(50)).Bytes > 0);
        }
    }

    [Fact]
    public void Stream_ToNobody_Throws() =>
        Assert.Throws<IOException>(() => StreamSender.Run(_first, Ipv4Address.Parse("10.9.9.9"), TimeSpan.FromMilliseconds(50)));

    public void Dispose()
    {
        _first.Dispose();
        _second.Dispose();
        ((IDisposable)_first.Function).Dispose();
        ((IDisposable)_second.Function).Dispose();
        _setup.Dispose();
    }
}
