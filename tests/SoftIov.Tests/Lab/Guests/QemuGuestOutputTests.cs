using SoftIov.Lab.Guests;
using Xunit;

namespace SoftIov.Tests.Lab.Guests;

/// <summary>What programs in a Linux guest print.</summary>
public sealed class QemuGuestOutputTests
{
    [Theory]
    [InlineData("10 packets transmitted, 9 packets received, 10% packet loss\nround-trip min/avg/max = 0.5/1.25/7.0 ms\n", 9, 1.25)]
    [InlineData("10 packets transmitted, 9 received, 10% packet loss, time 9ms\nrtt min/avg/max/mdev = 0.5/1.25/7.0/0.1 ms\n", 9, 1.25)]
    [InlineData("PING 10.0.0.2\n\n10 packets transmitted, 0 packets received, 100% packet loss\n", 0, 0)]
    public void Ping_OfBusyboxAndIputils(string output, int received, double mean) =>
        Assert.Equal(new PingResult(10, received, mean), QemuGuestOutput.Ping(output));

    [Fact]
    public void Ping_ThatDidNotStart_IsNull() => Assert.Null(QemuGuestOutput.Ping("ping: sendto: Network unreachable\n"));

    [Fact]
    public void Stream_CountsWhatWasReceived()
    {
        StreamResult? result = QemuGuestOutput.Stream("""
            { "end": { "sum_sent": { "bytes": 999 }, "sum_received": { "seconds": 2.0, "bytes": 500000, "bits_per_second": 2000000.0 } } }
            """);

        Assert.Equal(new StreamResult(500_000, TimeSpan.FromSeconds(2)), result);
        Assert.Equal(2, result!.MegabitsPerSecond);
    }

    [Theory]
    [InlineData("""{ "start": {}, "end": {}, "error": "unable to connect to server" }""")]
    [InlineData("""{ "error": "unable to connect to server" }""")]
    [InlineData("iperf3: not found")]
    [InlineData("")]
    public void Stream_ThatFailed_IsNull(string output) => Assert.Null(QemuGuestOutput.Stream(output));
}
