using System.Runtime.InteropServices;
using SoftIov.Lab.Nvme;
using SoftIov.Memory;
using SoftIov.Tests.Datapath;
using Xunit;

namespace SoftIov.Tests.Devices.Nvme;

/// <summary>Where data are (NVMe 1.4, 4.3): lists of every shape, limits, and memory that is not there; on both kinds of store.</summary>
public sealed class PrpTests
{
    private const int Page = 4096;
    private const int LargestTransfer = 256 << 10;
    private const int EntriesOfAPage = Page / sizeof(ulong);
    private const byte Guard = 0xEE;

    [Theory]
    [InlineData(false, 0)]
    [InlineData(false, 4)]
    [InlineData(false, 512)]
    [InlineData(false, 2052)]
    [InlineData(false, Page - 4)]
    [InlineData(true, 0)]
    [InlineData(true, 4)]
    [InlineData(true, 512)]
    [InlineData(true, 2052)]
    [InlineData(true, Page - 4)]
    public void N040_A_list_of_every_shape_reaches_its_pages_and_no_other_byte(bool takesTime, int offset)
    {
        using ControllerRig rig = MakeRig(takesTime);
        NamespaceClient disk = rig.AddDisk();
        var random = new Random(offset);
        foreach (int length in (int[])[512, Page, Page + 512, 2 * Page, 3 * Page, (17 * Page) - 512, LargestTransfer])
            RoundTrip(rig, disk, random, offset, length, firstEntry: 0);
        foreach (int left in (int[])[EntriesOfAPage - 1, 65, 64, 63, 2, 1])
            RoundTrip(rig, disk, random, offset, LargestTransfer, EntriesOfAPage - left);
        Assert.Equal(0, rig.Function.Counters.FatalErrors);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    [InlineData(511)]
    public void N040_The_first_entry_has_an_offset_of_dwords(int offset)
    {
        using ControllerRig rig = ControllerRig.Enabled();
        NamespaceClient disk = rig.AddDisk();
        SubmissionEntry read = NvmCommand.Read(disk.NamespaceId, 0, 1) with { Prp1 = disk.DataAddress + (uint)offset };
        Assert.Equal(NvmeStatus.Of(0, 0x13, doNotRetry: true), disk.Execute(read).Status);
    }

    [Theory]
    [InlineData(2 * Page, false, 8)] // the second page has no offset
    [InlineData(2 * Page, false, Page - 4)]
    [InlineData(3 * Page, false, 4)] // a list is one of quadwords
    [InlineData(3 * Page, true, 8)] // nor have the pages of a list an offset
    [InlineData(3 * Page, true, 1)]
    public void N040_Other_entries_have_no_offset(int length, bool isInList, int offset)
    {
        using ControllerRig rig = ControllerRig.Enabled();
        NamespaceClient disk = rig.AddDisk();
        var list = new PrpList(rig.Memory, 1, Page);
        DataPointer data = list.Describe(disk.DataAddress, length);
        if (isInList)
            list.Word(1) += (uint)offset;
        else
            data = data with { Prp2 = data.Prp2 + (uint)offset };
        CompletionEntry done = disk.Execute(NvmCommand.Read(disk.NamespaceId, 0, length / 512).At(data));
        Assert.Equal(NvmeStatus.Of(0, 0x13, doNotRetry: true), done.Status);
    }

    [Fact]
    public void N040_A_chain_that_leads_to_itself_ends_with_its_command()
    {
        using ControllerRig rig = ControllerRig.Enabled();
        NamespaceClient disk = rig.AddDisk();
        ulong list = rig.Memory.Allocate(Page, Page);
        Span<ulong> words = MemoryMarshal.Cast<byte, ulong>(rig.Memory.Span(list, Page));
        words.Fill(disk.DataAddress);
        words[^1] = list;
        ulong last = list + Page - sizeof(ulong);
        SubmissionEntry read = NvmCommand.Read(disk.NamespaceId, 0, LargestTransfer / 512) with { Prp1 = disk.DataAddress, Prp2 = last };
        disk.Execute(read).Check("read");

        words[^1] = last;
        Assert.Equal(NvmeStatus.Of(0, 0x13, doNotRetry: true), disk.Execute(read).Status);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void N041_The_largest_transfer_goes_and_a_block_more_does_not(bool takesTime)
    {
        using ControllerRig rig = MakeRig(takesTime, new NvmeOptions { DataLength = 2 * LargestTransfer });
        NamespaceClient disk = rig.AddDisk();
        Assert.Equal(LargestTransfer, Page << rig.Driver.Admin.IdentifyController().LargestTransfer);
        byte[] data = new byte[LargestTransfer];
        Random.Shared.NextBytes(data);
        disk.Write(0, data).Check("write");
        byte[] read = new byte[LargestTransfer];
        disk.Read(0, read).Check("read");
        Assert.Equal(data, read);
        disk.Compare(0, data).Check("compare");

        NvmeStatus refused = NvmeStatus.Of(0, 0x02, doNotRetry: true);
        byte[] more = new byte[LargestTransfer + 512];
        Assert.Equal(refused, disk.Read(0, more).Status);
        Assert.Equal(refused, disk.Write(0, more).Status);
        Assert.Equal(refused, disk.Compare(0, more).Status);
        disk.Read(0, read).Check("read");
        Assert.Equal(data, read);
        disk.WriteZeroes(0, 2 * LargestTransfer / 512).Check("no data are moved");
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void N042_Data_may_cross_mappings_and_not_a_hole(bool takesTime)
    {
        const int Cut = 4 * Page;
        using ControllerRig rig = MakeRig(takesTime);
        NamespaceClient disk = rig.AddDisk();
        byte[] data = new byte[4 * Cut];
        Random.Shared.NextBytes(data);
        byte[] read = new byte[data.Length];
        ulong cut = disk.DataAddress + Cut;
        Remap(rig, (rig.Memory.Iova, cut), (cut, rig.Memory.Iova + (ulong)rig.Memory.Length));
        disk.Write(0, data).Check("write");
        disk.Read(0, read).Check("read");
        Assert.Equal(data, read);

        Remap(rig, (rig.Memory.Iova, cut), (cut + Page, rig.Memory.Iova + (ulong)rig.Memory.Length));
        Assert.Equal(NvmeStatus.Of(0, 0x04), disk.Read(0, read).Status);
        Assert.Equal(NvmeStatus.Of(0, 0x04), disk.Write(0, new byte[data.Length]).Status);
        Assert.Equal(NvmeStatus.Of(0, 0x04), disk.Compare(0, data).Status);
        Remap(rig, (rig.Memory.Iova, rig.Memory.Iova + (ulong)rig.Memory.Length));
        disk.Read(0, read).Check("read");
        Assert.Equal(data, read);
        Assert.Equal(0, rig.Function.Counters.FatalErrors);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void N042_Memory_that_may_only_be_read_is_written_from_and_not_to(bool takesTime)
    {
        using ControllerRig rig = MakeRig(takesTime);
        NamespaceClient disk = rig.AddDisk();
        const ulong Iova = 0x8000_0000;
        using var memory = new NativeHostMemory(Page);
        Assert.Equal(DmaMapStatus.Ok, rig.Dma.Map(Iova, Page, DmaAccess.Read, memory, 0));
        memory.Slice(0, Page).Fill(7);
        disk.Execute(NvmCommand.Write(disk.NamespaceId, 0, 8) with { Prp1 = Iova }).Check("write");
        memory.Slice(0, Page).Fill(Guard);
        Assert.Equal(NvmeStatus.Of(0, 0x04), disk.Execute(NvmCommand.Read(disk.NamespaceId, 0, 8) with { Prp1 = Iova }).Status);
        Assert.False(memory.Slice(0, Page).ContainsAnyExcept(Guard));
        byte[] read = new byte[Page];
        disk.Read(0, read).Check("read");
        Assert.All(read, each => Assert.Equal(7, each));
    }

    [Theory]
    [InlineData(0xFFFF_FFFF_FFFF_F000, 2)] // wraps to 0
    [InlineData(0xFFFF_FFFF_FFFF_FFFC, 1)]
    [InlineData(0, 1)]
    public void N042_Addresses_at_the_ends_of_the_address_space_are_unmapped(ulong address, int pages)
    {
        using ControllerRig rig = ControllerRig.Enabled();
        NamespaceClient disk = rig.AddDisk();
        SubmissionEntry read = NvmCommand.Read(disk.NamespaceId, 0, pages * 8) with { Prp1 = address, Prp2 = 0 };
        Assert.Equal(NvmeStatus.Of(0, 0x04), disk.Execute(read).Status);
        SubmissionEntry list = NvmCommand.Read(disk.NamespaceId, 0, 64) with { Prp1 = disk.DataAddress, Prp2 = address & ~7UL };
        Assert.Equal(NvmeStatus.Of(0, 0x04), disk.Execute(list).Status);
    }

    private static void RoundTrip(ControllerRig rig, NamespaceClient disk, Random random, int offset, int length, int firstEntry)
    {
        byte[] data = new byte[length];
        random.NextBytes(data);
        var list = new PrpList(rig.Memory, 2, Page) { FirstEntry = firstEntry };
        int count = (offset + length + Page - 1) / Page;
        ulong[] pages = MakePages(rig, random, count);
        Scatter(rig, pages, offset, data);
        disk.Execute(NvmCommand.Write(disk.NamespaceId, 3, length / 512).At(list.Describe(pages, offset))).Check("write");

        pages = MakePages(rig, random, count);
        disk.Execute(NvmCommand.Read(disk.NamespaceId, 3, length / 512).At(list.Describe(pages, offset))).Check("read");
        byte[] all = [.. pages.SelectMany(page => rig.Memory.Span(page, Page).ToArray())];
        Assert.Equal(data, all[offset..(offset + length)]);
        Assert.False(all.AsSpan(0, offset).ContainsAnyExcept(Guard));
        Assert.False(all.AsSpan(offset + length).ContainsAnyExcept(Guard));
        Assert.All(pages, page => Assert.False(rig.Memory.Span(page + Page, Page).ContainsAnyExcept(Guard)));
    }

    private static ControllerRig MakeRig(bool takesTime, NvmeOptions? options = null) =>
        ControllerRig.Enabled(takesTime ? new ControlledStore(16 << 20) { IsAutomatic = true } : null, options: options);

    /// <summary>Pages in no order, none next to another, guarded all over.</summary>
    private static ulong[] MakePages(ControllerRig rig, Random random, int count)
    {
        ulong[] pages = new ulong[count];
        for (int i = 0; i < count; i++)
        {
            pages[i] = rig.Memory.Allocate(2 * Page, Page);
            rig.Memory.Span(pages[i], 2 * Page).Fill(Guard);
        }

        random.Shuffle(pages);
        return pages;
    }

    private static void Scatter(ControllerRig rig, ulong[] pages, int offset, byte[] data)
    {
        foreach (ulong page in pages)
        {
            byte[] part = data[..Math.Min(Page - offset, data.Length)];
            part.CopyTo(rig.Memory.Span(page + (uint)offset, part.Length));
            data = data[part.Length..];
            offset = 0;
        }
    }

    private static void Remap(ControllerRig rig, params (ulong From, ulong To)[] parts)
    {
        rig.Dma.Clear();
        foreach ((ulong from, ulong to) in parts)
        {
            DmaMapStatus status = rig.Dma.Map(from, to - from, DmaAccess.Read | DmaAccess.Write, rig.Memory.Host, from - rig.Memory.Iova);
            Assert.Equal(DmaMapStatus.Ok, status);
        }
    }
}
