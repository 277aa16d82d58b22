using SoftIov.Lab.VhostUser;
using SoftIov.Lab.Virtio;
using Xunit;

namespace SoftIov.Tests.Transports.VhostUser;

/// <summary>Packed rings that are said to stand where they cannot: none starts, and nothing outside them is touched.</summary>
public sealed class PositionTests
{
    private const uint Wraps = 1U << 15 | 1U << 31;
    private const uint Last = 0x7FFF | 0x7FFF << 16;

    [Theory]
    [InlineData(64)]
    [InlineData(0x7FFF)]
    public void A_packed_ring_does_not_start_behind_its_end(int position)
    {
        using var setup = new FrontEndSetup();
        VhostUserNetDriver first = setup.Open(0, TrafficTests.Options(isPacked: true));
        VhostUserNetDriver second = setup.Open(1);
        for (int ring = 0; ring < 2; ring++)
        {
            first.StopRing(ring);
            FrontEndException refused = Assert.Throws<FrontEndException>(() => first.StartRing(ring, (uint)(position | position << 16) | Wraps));
            Assert.Contains("SetVringKick", refused.Message);
            first.StopRing(ring);
        }

        first.StartRing(0, first.FirstBase);
        first.StartRing(1, first.FirstBase);
        FrontEndSetup.Send(first, second, 0, 1);
        FrontEndSetup.Send(second, first, 1, 0);
    }

    [Fact]
    public void Nor_when_it_became_shorter_after_its_position_was_said()
    {
        using var setup = new FrontEndSetup();
        VhostUserNetDriver first = setup.Open(0, TrafficTests.Options(isPacked: true));
        first.StopRing(1);
        first.Channel.Do(FrontEndRequest.SetVringBase, FrontEndChannel.State(1, 32 | 32 << 16 | Wraps));
        first.Channel.Do(FrontEndRequest.SetVringNum, FrontEndChannel.State(1, 1));
        ulong kick = first.Channel.Try(FrontEndRequest.SetVringKick, FrontEndChannel.Number(1), first.KickOf(1).Descriptor);
        Assert.NotEqual(0UL, kick);
    }

    [Fact]
    public void Nor_when_it_was_split_while_its_position_was_said()
    {
        using var setup = new FrontEndSetup();
        VhostUserNetDriver first = setup.Open(0);
        first.StopRing(0);
        first.StopRing(1);
        first.Channel.Do(FrontEndRequest.SetVringBase, FrontEndChannel.State(1, Last));
        ulong packed = (ulong)(first.Features | VirtioFeature.RingPacked) | 1UL << 30;
        first.Channel.Do(FrontEndRequest.SetFeatures, FrontEndChannel.Number(packed));
        ulong kick = first.Channel.Try(FrontEndRequest.SetVringKick, FrontEndChannel.Number(1), first.KickOf(1).Descriptor);
        Assert.NotEqual(0UL, kick);
    }
}
