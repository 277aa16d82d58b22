using SoftIov.Lab.VhostUser;
using SoftIov.Linux;
using SoftIov.Tests.Linux;
using Xunit;

namespace SoftIov.Tests.Transports.VhostUser;

/// <summary>V093: what front-ends share, as a table or region by region.</summary>
public sealed class MemoryTests
{
    private const ulong Page = 4096;
    private const ulong Elsewhere = 0x100_0000_0000;

    [Fact]
    public void V093_a_table_has_up_to_eight_regions()
    {
        using var setup = new FrontEndSetup();
        VhostUserNetDriver first = setup.Open(0);
        VhostUserNetDriver second = setup.Open(1);
        using FileDescriptor file = MemoryFile.Create("more", (long)(8 * Page));
        SharedRegion[] eight = [first.Region, .. Enumerable.Range(0, 7).Select(i => Region(file, (ulong)i))];
        first.Channel.Do(FrontEndRequest.SetMemTable, VhostUserNetDriver.Table(eight), [.. eight.Select(one => one.File)]);
        Assert.Equal(8, setup.Setup.Adapter.Vf(0)!.Dma.Count);
        FrontEndSetup.Send(first, second, 0, 1);
    }

    [Fact]
    public void V093_regions_come_and_go_under_traffic_and_there_can_be_many()
    {
        using var setup = new FrontEndSetup();
        VhostUserNetDriver first = setup.Open(0, new FrontEndOptions { Driver = FrontEndSetup.Small, UsesMemorySlots = true });
        VhostUserNetDriver second = setup.Open(1);
        Assert.Equal(512UL, BitConverter.ToUInt64(first.Channel.Ask(FrontEndRequest.GetMaxMemSlots, [])));
        using FileDescriptor file = MemoryFile.Create("more", (long)(600 * Page));
        for (ulong i = 0; i < 511; i++)
            first.Channel.Do(FrontEndRequest.AddMemReg, VhostUserNetDriver.One(Region(file, i)), file);
        Assert.NotEqual(0UL, first.Channel.Try(FrontEndRequest.AddMemReg, VhostUserNetDriver.One(Region(file, 511)), file));
        for (ulong i = 0; i < 511; i++)
        {
            first.Channel.Do(FrontEndRequest.RemMemReg, VhostUserNetDriver.One(Region(file, i)));
            if (i % 50 == 0)
                FrontEndSetup.Send(first, second, 0, 1);
        }

        Assert.Equal(1, setup.Setup.Adapter.Vf(0)!.Dma.Count);
    }

    [Fact]
    public void V093_a_region_that_is_added_twice_is_there_until_it_was_removed_twice()
    {
        using var setup = new FrontEndSetup();
        VhostUserNetDriver first = setup.Open(0);
        VhostUserNetDriver second = setup.Open(1);
        using FileDescriptor file = MemoryFile.Create("more", (long)Page);
        using FileDescriptor other = MemoryFile.Create("other", (long)Page);
        byte[] region = VhostUserNetDriver.One(Region(file, 0));
        first.Channel.Do(FrontEndRequest.AddMemReg, region, file);
        first.Channel.Do(FrontEndRequest.AddMemReg, region, file);
        Assert.NotEqual(0UL, first.Channel.Try(FrontEndRequest.AddMemReg, region, other));
        Assert.Equal(2, setup.Setup.Adapter.Vf(0)!.Dma.Count);
        first.Channel.Do(FrontEndRequest.RemMemReg, region);
        Assert.Equal(2, setup.Setup.Adapter.Vf(0)!.Dma.Count);
        first.Channel.Do(FrontEndRequest.RemMemReg, region);
        Assert.Equal(1, setup.Setup.Adapter.Vf(0)!.Dma.Count);
        Assert.NotEqual(0UL, first.Channel.Try(FrontEndRequest.RemMemReg, region));
        FrontEndSetup.Send(first, second, 0, 1);
    }

    [Fact]
    public void V093_regions_that_overlap_are_empty_or_lie_beyond_their_file_change_nothing()
    {
        using var setup = new FrontEndSetup();
        VhostUserNetDriver first = setup.Open(0);
        VhostUserNetDriver second = setup.Open(1);
        using FileDescriptor file = MemoryFile.Create("more", (long)(4 * Page));
        SharedRegion good = Region(file, 0);
        SharedRegion own = first.Region;
        SharedRegion[] wrong =
        [
            good with { Size = 0 },
            good with { Size = 5 * Page },
            good with { FileOffset = ulong.MaxValue - 100 },
            good with { GuestAddress = ulong.MaxValue - 100 },
            good with { UserAddress = ulong.MaxValue - 100 },
            good with { GuestAddress = own.GuestAddress },
            good with { UserAddress = own.UserAddress + 100 },
        ];
        foreach (SharedRegion one in wrong)
        {
            Assert.NotEqual(0UL, first.Channel.Try(FrontEndRequest.AddMemReg, VhostUserNetDriver.One(one), file));
            Assert.NotEqual(0UL, first.Channel.Try(FrontEndRequest.SetMemTable, VhostUserNetDriver.Table(own, one), own.File, file));
        }

        FrontEndSetup.Send(first, second, 0, 1);
    }

    [Fact]
    public void Files_that_can_shrink_are_refused_unless_that_is_allowed()
    {
        using FileDescriptor file = MemoryFile.Create("unsealed", (long)Page, FileSeals.None);
        using (var strict = new FrontEndSetup())
        {
            VhostUserNetDriver first = strict.Open(0);
            Assert.NotEqual(0UL, first.Channel.Try(FrontEndRequest.AddMemReg, VhostUserNetDriver.One(Region(file, 0)), file));
            Assert.Contains(strict.Warnings, one => one.Contains("sealed"));
        }

        using var lenient = new FrontEndSetup(allowUnsealed: true);
        VhostUserNetDriver second = lenient.Open(0);
        Assert.Equal(0UL, second.Channel.Try(FrontEndRequest.AddMemReg, VhostUserNetDriver.One(Region(file, 0)), file));
    }

    [Fact]
    public void Huge_pages_are_refused_though_they_are_sealed()
    {
        using FileDescriptor file = HugePages.Create();
        using var setup = new FrontEndSetup();
        VhostUserNetDriver first = setup.Open(0);
        SharedRegion region = Region(file, 0) with { Size = (ulong)HugePages.Size };
        Assert.NotEqual(0UL, first.Channel.Try(FrontEndRequest.AddMemReg, VhostUserNetDriver.One(region), file));
        Assert.Contains(setup.Warnings, one => one.Contains("of huge pages"));
    }

    [Fact]
    public void A_ring_whose_memory_goes_stops_and_the_neighbour_goes_on()
    {
        using var setup = new FrontEndSetup();
        VhostUserNetDriver first = setup.Open(0);
        VhostUserNetDriver second = setup.Open(1);
        first.Channel.Do(FrontEndRequest.RemMemReg, VhostUserNetDriver.One(first.Region));
        first.Enable(1, true);
        Assert.True(first.Pairs[0].TrySend(default, FrontEndSetup.Frame(0, 1)));
        Assert.Equal(0, setup.Setup.Ports[0].Counters.TxPackets);

        // Said again, rings go on where they stood.
        first.Channel.Do(FrontEndRequest.AddMemReg, VhostUserNetDriver.One(first.Region), first.Region.File);
        byte[] frame = new byte[2048];
        Assert.True(second.Pairs[0].WaitForFrame(FrontEndSetup.Patience));
        Assert.True(second.Pairs[0].TryReceive(frame, out _) > 0);
    }

    private static SharedRegion Region(FileDescriptor file, ulong number) =>
        new(Elsewhere + (number * Page), Page, 0x10_0000 + Elsewhere + (number * Page), number * Page, file);
}
