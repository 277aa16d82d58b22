using SoftIov.Lab.Nvme;
using SoftIov.Lab.Pci;
using Xunit;

namespace SoftIov.Tests.Lab.Nvme;

/// <summary>PRP entries and lists of every shape (NVMe base 2.0, 4.1.1).</summary>
public sealed class PrpListTests : IDisposable
{
    private const int Page = 4096;
    private const ulong Data = 0x5_0000_0000;

    private readonly DriverMemory _memory = DriverMemory.CreatePrivate(64 * Page);

    public void Dispose() => _memory.Dispose();

    [Theory]
    [InlineData(0, 1, 0)]
    [InlineData(0, Page, 0)]
    [InlineData(4, Page - 4, 0)]
    [InlineData(0, Page + 1, Page)]
    [InlineData(Page - 4, 8, Page)]
    [InlineData(Page - 4, Page + 4, Page)]
    public void One_page_or_two_need_no_list(int offset, int length, int second)
    {
        var list = new PrpList(_memory, 1, Page);
        DataPointer data = list.Describe(Data + (uint)offset, length);
        Assert.Equal(new DataPointer(Data + (uint)offset, second == 0 ? 0 : Data + (uint)second), data);
        Assert.Equal(0, list.WrittenWords);
    }

    [Fact]
    public void Three_pages_have_a_list_of_two()
    {
        var list = new PrpList(_memory, 1, Page);
        Assert.Equal(new DataPointer(Data + 4, list.Address), list.Describe(Data + 4, (2 * Page) - 3));
        Assert.Equal([Data + Page, Data + (2 * Page)], WordsOf(list));
    }

    [Fact]
    public void A_list_may_start_anywhere_in_its_page()
    {
        var list = new PrpList(_memory, 2, Page) { FirstEntry = 510 };
        Assert.Equal(list.Address + (510 * 8), list.Describe(Data, 4 * Page).Prp2);
        Assert.Equal([Data + Page, list.Address + Page, Data + (2 * Page), Data + (3 * Page)], WordsOf(list));
    }

    [Theory]
    [InlineData(512, 512)] // the last of the page is an entry, for nothing is behind it
    [InlineData(513, 514)]
    [InlineData(1023, 1024)]
    [InlineData(1024, 1026)]
    public void Lists_are_chained_by_the_last_word_of_each_page_but_the_last(int entries, int words)
    {
        var list = new PrpList(_memory, 3, Page);
        list.Describe(Data, (long)(entries + 1) * Page);
        Assert.Equal(words, list.WrittenWords);
        var followed = new List<ulong>();
        for (int i = 0; i < words; i++)
        {
            bool leads = i % 512 == 511 && i != words - 1;
            if (leads)
                Assert.Equal(list.Address + ((ulong)(i + 1) * 8), list.Word(i));
            else
                followed.Add(list.Word(i));
        }

        Assert.Equal(Enumerable.Range(1, entries).Select(i => Data + ((ulong)i * Page)), followed);
    }

    [Fact]
    public void Pages_may_lie_anywhere_and_a_list_may_be_spoilt()
    {
        var list = new PrpList(_memory, 1, Page);
        Assert.Equal(new DataPointer(0x9010, 0), list.Describe([0x9000], 0x10));
        Assert.Equal(new DataPointer(0x9010, 0x3000), list.Describe([0x9000, 0x3000], 0x10));
        Assert.Equal(new DataPointer(0x9000, list.Address), list.Describe([0x9000, 0x3000, 0x7000]));
        list.Word(1) |= 8;
        Assert.Equal([0x3000ul, 0x7008ul], WordsOf(list));
        Assert.Equal(0x7008ul, BitConverter.ToUInt64(_memory.Span(list.Address + 8, 8)));
    }

    [Fact]
    public void A_list_that_has_no_room_is_refused()
    {
        var list = new PrpList(_memory, 1, Page);
        Assert.Throws<ArgumentOutOfRangeException>(() => list.Describe(Data, 514L * Page));
    }

    private static ulong[] WordsOf(PrpList list)
    {
        var words = new ulong[list.WrittenWords];
        for (int i = 0; i < words.Length; i++)
            words[i] = list.Word(i);
        return words;
    }
}
