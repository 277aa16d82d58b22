using System.Buffers.Binary;
using SoftIov.Lab.VhostUser;
using SoftIov.Linux;
using Xunit;

namespace SoftIov.Tests.Transports.VhostUser;

/// <summary>INFLIGHT_SHMFD: what a front-end keeps for back-ends to come.</summary>
public sealed class InflightTests
{
    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void V097_a_ring_goes_on_where_it_stood_though_its_front_end_does_not_know_where(bool isPacked)
    {
        using var setup = new FrontEndSetup();
        VhostUserNetDriver first = setup.Open(0, TrafficTests.Options(isPacked) with { TracksInflight = true });
        VhostUserNetDriver second = setup.Open(1);
        for (int round = 0; round < 3; round++)
        {
            for (int i = 0; i < 41; i++)
            {
                FrontEndSetup.Send(first, second, 0, 1);
                FrontEndSetup.Send(second, first, 1, 0);
            }

            first.Channel.Stream.Shutdown();
            setup.WaitDetached();
            byte[] waiting = FrontEndSetup.Frame(0, 1);
            Assert.True(first.Pairs[0].TrySend(default, waiting));
            first.Reconnect(setup.Connect(0), [first.FirstBase, first.FirstBase]);
            Assert.Equal(waiting, FrontEndSetup.Receive(second));
        }

        Assert.Equal(3 * 42, setup.Setup.Ports[0].Counters.TxPackets);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void A_ring_that_was_stopped_goes_on_where_its_front_end_says(bool isPacked)
    {
        using var setup = new FrontEndSetup();
        VhostUserNetDriver first = setup.Open(0, TrafficTests.Options(isPacked) with { TracksInflight = true });
        VhostUserNetDriver second = setup.Open(1);
        FrontEndSetup.Send(first, second, 0, 1);
        uint position = first.StopRing(1);
        first.StartRing(1, position);
        FrontEndSetup.Send(first, second, 0, 1);

        // And a driver that begins anew begins at the beginning.
        first.StopRing(0);
        first.StopRing(1);
        first.Ring(0).Reset();
        first.Ring(1).Reset();
        first.StartRing(0, first.FirstBase);
        first.StartRing(1, first.FirstBase);
        FrontEndSetup.Send(first, second, 0, 1);
    }

    [Fact]
    public void The_region_is_as_long_as_was_asked_for_and_cannot_be_cut_off()
    {
        using var setup = new FrontEndSetup();
        using FrontEndChannel channel = setup.Connect(0);
        byte[] answer = channel.AskForFile(
            FrontEndRequest.GetInflightFd, VhostUserNetDriver.InflightDescription(0, 2, 64), out FileDescriptor? file);
        using FileDescriptor region = Assert.IsType<FileDescriptor>(file);
        Assert.Equal(24, answer.Length);
        Assert.Equal(2 * (16 + (64 * 16) + 48UL), BinaryPrimitives.ReadUInt64LittleEndian(answer));
        Assert.Equal(0UL, BinaryPrimitives.ReadUInt64LittleEndian(answer.AsSpan(8)));
        Assert.Equal((2, 64), (BitConverter.ToUInt16(answer, 16), BitConverter.ToUInt16(answer, 18)));
        Assert.Equal(Errno.EPERM, MemoryFile.TryResize(region, 1));
    }

    [Theory]
    [InlineData(0UL, 2, 64, 4096, true)]      // no size
    [InlineData(4096UL, 0, 64, 4096, true)]   // no rings
    [InlineData(4096UL, 3, 64, 4096, true)]   // more rings than there are
    [InlineData(4096UL, 2, 0, 4096, true)]
    [InlineData(4096UL, 2, 2048, 4096, true)] // larger rings than there can be
    [InlineData(8192UL, 2, 64, 4096, true)]   // beyond the end of its file
    [InlineData(4096UL, 2, 64, 4096, false)]  // a file that could be cut off
    public void Regions_that_cannot_be_are_refused(ulong size, int rings, int ringSize, int fileLength, bool isSealed)
    {
        using var setup = new FrontEndSetup();
        VhostUserNetDriver first = setup.Open(0);
        first.StopRing(0);
        first.StopRing(1);
        using FileDescriptor file = MemoryFile.Create("region", fileLength, isSealed ? FileSeals.Shrink : FileSeals.None);
        byte[] payload = VhostUserNetDriver.InflightDescription(size, rings, ringSize);
        Assert.NotEqual(0UL, first.Channel.Try(FrontEndRequest.SetInflightFd, payload, file));
        Assert.NotEqual(0UL, first.Channel.Try(FrontEndRequest.SetInflightFd, payload));
        first.StartRing(0, 0);
        first.StartRing(1, 0);
    }

    [Fact]
    public void Rings_that_their_region_has_no_room_for_do_not_run_and_running_ones_get_no_other_region()
    {
        using var setup = new FrontEndSetup();
        VhostUserNetDriver first = setup.Open(0);
        using FileDescriptor file = MemoryFile.Create("region", 4096);
        byte[] small = VhostUserNetDriver.InflightDescription(4096, 2, 32);
        Assert.NotEqual(0UL, first.Channel.Try(FrontEndRequest.SetInflightFd, small, file));
        first.StopRing(0);
        first.StopRing(1);
        first.Channel.Do(FrontEndRequest.SetInflightFd, small, file);
        Assert.Throws<FrontEndException>(() => first.StartRing(1, 0));
        first.Channel.Do(FrontEndRequest.SetInflightFd, VhostUserNetDriver.InflightDescription(4096, 1, 64), file);
        first.StartRing(0, 0);
        first.StopRing(1);
        Assert.Throws<FrontEndException>(() => first.StartRing(1, 0));
    }
}
