using SoftIov.Lab.VhostUser;
using SoftIov.Linux;
using SoftIov.Memory;
using Xunit;

namespace SoftIov.Tests.Transports.VhostUser;

/// <summary>Guests whose IOMMU is in front of the device: what it translates is asked for, kept, and given back.</summary>
public sealed class IotlbTests
{
    private const ulong ProtocolFeaturesBit = 1UL << 30;
    private const ulong LogAll = 1UL << 26;
    private const ulong AccessPlatform = 1UL << 33;
    private const byte Both = FrontEndIommu.Read | FrontEndIommu.Write;

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void V099_what_rings_and_buffers_need_is_asked_for_once(bool isPacked)
    {
        using var setup = new FrontEndSetup();
        FrontEndOptions options = TrafficTests.Options(isPacked) with { HasIommu = true };
        VhostUserNetDriver first = setup.Open(0, options);
        VhostUserNetDriver second = setup.Open(1, options);
        for (int i = 0; i < 300; i++)
        {
            Send(first, second, 0, 1);
            Send(second, first, 1, 0);
        }

        long misses = first.Iommu!.Misses;
        Assert.InRange(misses, 3, first.Memory.Length / FrontEndIommu.PageBytes * 2);
        for (int i = 0; i < 300; i++)
        {
            Send(first, second, 0, 1);
            Send(second, first, 1, 0);
        }

        Assert.Equal(misses, first.Iommu.Misses);
        Assert.Equal(0, setup.Setup.Adapter.Vf(0)!.Dma.Faults.Total);
    }

    [Fact]
    public void V099_what_was_taken_back_is_touched_no_more_and_goes_on_when_it_is_there_again()
    {
        using var setup = new FrontEndSetup();
        VhostUserNetDriver first = setup.Open(0);
        VhostUserNetDriver second = setup.Open(1, WithIommu);
        Send(first, second, 0, 1);
        (ulong start, int length) = ReceiveBuffers(second);
        second.Iommu!.Unmap(start, length);
        byte[] before = second.Memory.Span(start, length).ToArray();
        for (int i = 0; i < 20; i++)
        {
            Assert.True(SpinWait.SpinUntil(() => first.Pairs[0].TrySend(default, FrontEndSetup.Frame(0, 1)), FrontEndSetup.Patience));
            Thread.Sleep(1);
        }

        Assert.Equal(before, second.Memory.Span(start, length).ToArray());
        second.Iommu.Map(start, length, start + WithIommu.UserOffset, Both);
        Send(first, second, 0, 1);
        Assert.Equal(0, setup.Setup.Adapter.Vf(1)!.Dma.Faults.Total);
        Assert.Equal(0UL, ReadStatus(second) & 64);
    }

    [Fact]
    public void V099_a_ring_that_was_taken_back_waits()
    {
        using var setup = new FrontEndSetup();
        VhostUserNetDriver first = setup.Open(0, WithIommu);
        VhostUserNetDriver second = setup.Open(1);
        Send(first, second, 0, 1);
        Settle(first, second);
        ulong ring = first.Ring(1).DescriptorArea & ~4095UL;
        first.Iommu!.Unmap(ring, 4096);
        byte[] frame = FrontEndSetup.Frame(0, 1);
        Assert.True(first.Pairs[0].TrySend(default, frame));
        Thread.Sleep(20);
        Assert.False(second.Pairs[0].Receive.HasUsed);

        first.Iommu.Map(ring, 4096, ring + WithIommu.UserOffset, Both);
        first.Channel.Do(FrontEndRequest.IotlbMsg, FrontEndIommu.Translation(ring, 4096, ring + WithIommu.UserOffset, Both));
        Assert.Equal(frame, FrontEndSetup.Receive(second));
    }

    [Fact]
    public void V099_what_may_only_be_read_is_not_written()
    {
        using var setup = new FrontEndSetup();
        VhostUserNetDriver first = setup.Open(0);
        VhostUserNetDriver second = setup.Open(1, WithIommu);
        Send(first, second, 0, 1);
        (ulong start, int length) = ReceiveBuffers(second);
        second.Iommu!.Unmap(start, length);
        byte[] before = second.Memory.Span(start, length).ToArray();
        second.Iommu.Map(start, length, start + WithIommu.UserOffset, FrontEndIommu.Read);
        Assert.True(SpinWait.SpinUntil(
            () => first.Pairs[0].TrySend(default, FrontEndSetup.Frame(0, 1)) && (ReadStatus(second) & 64) != 0, FrontEndSetup.Patience));
        Assert.Equal(before, second.Memory.Span(start, length).ToArray());
    }

    [Fact]
    public void V099_memory_that_goes_takes_its_translations_along()
    {
        using var setup = new FrontEndSetup();
        VhostUserNetDriver first = setup.Open(0);
        VhostUserNetDriver second = setup.Open(1, WithIommu);
        Send(first, second, 0, 1);
        second.Channel.Do(FrontEndRequest.RemMemReg, VhostUserNetDriver.One(second.Region));
        Assert.Equal(0, setup.Setup.Adapter.Vf(1)!.Dma.Count);
        second.Channel.Do(FrontEndRequest.AddMemReg, VhostUserNetDriver.One(second.Region), second.Region.File);
        second.Channel.Do(FrontEndRequest.IotlbMsg, FrontEndIommu.Translation(second.Memory.Iova, 4096, second.Region.UserAddress, Both));
        Send(first, second, 0, 1);
    }

    [Fact]
    public void V099_translations_that_lead_nowhere_and_channels_that_are_none_are_refused()
    {
        using var setup = new FrontEndSetup();
        VhostUserNetDriver plain = setup.Open(0);
        VhostUserNetDriver behind = setup.Open(1, WithIommu);
        Send(plain, behind, 0, 1);
        ulong user = behind.Region.UserAddress;
        Assert.NotEqual(0UL, plain.Channel.Try(FrontEndRequest.IotlbMsg, FrontEndIommu.Translation(0, 4096, plain.Region.UserAddress, Both)));
        foreach ((ulong iova, ulong length, ulong at, byte permissions) in new[]
        {
            (0UL, 4096UL, user - 4096, Both), (0UL, 0UL, user, Both), (0UL, 4096UL, user, (byte)0),
            (0UL, (ulong)behind.Memory.Length + 1, user, Both), (ulong.MaxValue - 100, 4096UL, user, Both), (0UL, ulong.MaxValue, user, Both),
        })
        {
            byte[] translation = FrontEndIommu.Translation(iova, length, at, permissions);
            Assert.NotEqual(0UL, behind.Channel.Try(FrontEndRequest.IotlbMsg, translation));
        }

        Assert.NotEqual(0UL, behind.Channel.Try(FrontEndRequest.IotlbMsg, new byte[32]));
        Assert.NotEqual(0UL, behind.Channel.Try(FrontEndRequest.IotlbMsg, new byte[25]));
        Assert.NotEqual(0UL, behind.Channel.Try(FrontEndRequest.SetBackendReqFd, []));
        Assert.NotEqual(0UL, behind.Channel.Try(FrontEndRequest.SetBackendReqFd, [], behind.Region.File));
        ulong features = (ulong)behind.Features | ProtocolFeaturesBit;
        Assert.NotEqual(0UL, behind.Channel.Try(FrontEndRequest.SetFeatures, FrontEndChannel.Number(features)));
        Send(plain, behind, 0, 1);
    }

    [Fact]
    public void V099_a_cache_that_is_full_is_emptied_and_invalidations_may_be_of_everything()
    {
        using var setup = new FrontEndSetup();
        VhostUserNetDriver first = setup.Open(0);
        VhostUserNetDriver second = setup.Open(1, WithIommu);
        ulong user = second.Region.UserAddress;
        for (ulong page = 0; page < 66_000; page++)
            second.Channel.Do(FrontEndRequest.IotlbMsg, FrontEndIommu.Translation(page << 12, 4096, user, Both));
        Assert.InRange(setup.Setup.Adapter.Vf(1)!.Dma.Count, 1, 65535);
        Send(first, second, 0, 1);
        second.Iommu!.Unmap(0, 0);
        Assert.InRange(setup.Setup.Adapter.Vf(1)!.Dma.Count, 0, 128); // what rings asked for since then
        Send(first, second, 0, 1);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void V099_logs_have_the_addresses_of_the_guest(bool isPacked)
    {
        using var setup = new FrontEndSetup();
        FrontEndOptions options = TrafficTests.Options(isPacked);
        VhostUserNetDriver first = setup.Open(0, options);
        VhostUserNetDriver second = setup.Open(1, options with { HasIommu = true });
        Send(first, second, 0, 1);
        long length = (long)((second.Region.GuestAddress + second.Region.Size) >> 15) + 4096 & ~4095L;
        using FileDescriptor file = MemoryFile.Create("log", length);
        using MappedFile log = MappedFile.Map(file, 0, length, writable: true);
        second.Channel.Ask(FrontEndRequest.SetLogBase, [.. BitConverter.GetBytes(length), .. BitConverter.GetBytes(0L)], file);
        ulong features = (ulong)second.Features | ProtocolFeaturesBit | AccessPlatform | LogAll;
        second.Channel.Do(FrontEndRequest.SetFeatures, FrontEndChannel.Number(features));
        byte[] before = second.Memory.Host.Slice(0, (int)second.Memory.Length).ToArray();
        Send(first, second, 0, 1);
        second.StopRing(0);

        Span<byte> after = second.Memory.Host.Slice(0, before.Length);
        ulong firstPage = second.Region.GuestAddress >> 12;
        int changed = 0;
        for (int page = 0; page < before.Length >> 12; page++)
        {
            if (before.AsSpan(page << 12, 4096).SequenceEqual(after.Slice(page << 12, 4096)))
                continue;
            ulong bit = firstPage + (ulong)page;
            Assert.NotEqual(0, log.Bytes[(int)(bit >> 3)] >> (int)(bit & 7) & 1);
            changed++;
        }

        Assert.NotEqual(0, changed);
        Assert.False(log.Bytes[..(int)(firstPage >> 3)].ContainsAnyExcept((byte)0));
    }

    private static FrontEndOptions WithIommu => new() { Driver = FrontEndSetup.Small, HasIommu = true };

    /// <summary>Sends until the other side has it: what has no buffer yet, whose translation comes, is lost.</summary>
    private static void Send(VhostUserNetDriver from, VhostUserNetDriver to, int source, int destination)
    {
        byte[] received = new byte[4096];
        byte[] frame = FrontEndSetup.Frame(source, destination);
        for (long start = Environment.TickCount64; Environment.TickCount64 - start < FrontEndSetup.Patience.TotalMilliseconds;)
        {
            Assert.True(SpinWait.SpinUntil(() => from.Pairs[0].TrySend(default, frame), FrontEndSetup.Patience));
            if (!SpinWait.SpinUntil(() => to.Pairs[0].Receive.HasUsed, 50))
                continue;
            int length = to.Pairs[0].TryReceive(received, out _);
            if (received.AsSpan(0, length).SequenceEqual(frame))
                return;
        }

        Assert.Fail("nothing arrives");
    }

    /// <summary>Takes what <see cref="Send"/> sent again while the first was under way.</summary>
    private static void Settle(VhostUserNetDriver from, VhostUserNetDriver to)
    {
        Assert.True(SpinWait.SpinUntil(
            () => from.Pairs[0].ReclaimSent() >= 0 && from.Pairs[0].Transmit.FreeCount == from.Pairs[0].Transmit.Size, FrontEndSetup.Patience));
        byte[] received = new byte[4096];
        while (to.Pairs[0].Receive.HasUsed)
            to.Pairs[0].TryReceive(received, out _);
    }

    /// <summary>Whole pages that have receive buffers and nothing else.</summary>
    private static (ulong Start, int Length) ReceiveBuffers(VhostUserNetDriver driver)
    {
        ulong start = (driver.Pairs[0].ReceiveBuffer(0).Address + 4095) & ~4095UL;
        ulong end = driver.Pairs[0].ReceiveBuffer(driver.Ring(0).Size - 1).Address & ~4095UL;
        return (start, (int)(end - start));
    }

    private static ulong ReadStatus(VhostUserNetDriver driver) => BitConverter.ToUInt64(driver.Channel.Ask(FrontEndRequest.GetStatus, []));
}
