using SoftIov.Datapath;
using SoftIov.Devices.Virtio.Net;
using SoftIov.Tests.Datapath;
using Xunit;

namespace SoftIov.Tests.Devices;

/// <summary>What is sent for a driver is paid for as what it sends itself.</summary>
public sealed class AnnouncementTests
{
    [Fact]
    public void An_announcement_waits_for_transmit_credit()
    {
        var vswitch = new VirtualSwitch(new ManualClock());
        MacAddress mac = TestFrame.Mac(1);
        VfPolicy slow = VfPolicy.Default with { MaxTxRateMegabits = 1, LinkState = LinkState.Enable };
        SwitchPort port = vswitch.AddFunctionPort(1, slow, mac);
        const long now = 0;
        for (int i = 0; i < 100 && port.TransmitCreditBytes(now, out _) > 0; i++)
        {
            using var before = new Announcement(port, mac);
            Assert.Equal(1, before.Poll(new PollContext(now)));
        }

        using var announcement = new Announcement(port, mac);
        long sent = port.Counters.TxPackets;
        Assert.Equal(0, announcement.Poll(new PollContext(now)));
        Assert.False(announcement.Arm(new PollContext(now)));
        Assert.Equal(sent, port.Counters.TxPackets);

        Assert.Equal(0, port.TransmitCreditBytes(now, out long retryAt));
        Assert.Equal(1, announcement.Poll(new PollContext(retryAt)));
        Assert.Equal(sent + 1, port.Counters.TxPackets);
        Assert.Equal(0, announcement.Poll(new PollContext(retryAt)));
    }
}
