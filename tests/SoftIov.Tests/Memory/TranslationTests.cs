using FsCheck;
using FsCheck.Fluent;
using SoftIov.Memory;
using Xunit;

namespace SoftIov.Tests.Memory;

/// <summary>A domain whose map is a cache of an IOMMU's table.</summary>
public sealed class TranslationTests : IDisposable
{
    private const int Pages = 16;
    private const ulong Page = 4096;

    private readonly NativeHostMemory _memory = new(Pages * (int)Page);
    private readonly RecordingSource _source = new();
    private readonly DmaDomain _behind = new(new NoPollers(), new DmaFaultLog(4));
    private readonly DmaDomain _domain = new(new NoPollers(), new DmaFaultLog(4)) { BusMasterEnable = true };

    public TranslationTests()
    {
        _behind.Map(0x10_0000, Pages * Page, DmaAccess.Read | DmaAccess.Write, _memory, 0);
        _domain.Translate(_source, _behind);
    }

    public void Dispose() => _memory.Dispose();

    [Fact]
    public void What_is_not_there_is_asked_for_and_is_no_fault()
    {
        byte[] bytes = new byte[8];
        Assert.False(_domain.TryRead(0x5000, bytes));
        Assert.False(_domain.TryWrite(0x6ffc, bytes));
        Assert.Equal([(0x5000UL, DmaAccess.Read), (0x6ffcUL, DmaAccess.Write)], _source.Asked);
        Assert.Equal(0, _domain.Faults.Total);

        Cache(0x5000, DmaAccess.Read, 3);
        _memory.Slice(3 * (int)Page, 8).Fill(7);
        Assert.True(_domain.TryRead(0x5000, bytes));
        Assert.All(bytes, b => Assert.Equal(7, b));
    }

    [Fact]
    public void What_is_there_and_may_not_be_written_is_a_fault()
    {
        Cache(0x5000, DmaAccess.Read, 3);
        Assert.False(_domain.TryWrite(0x5000, new byte[8]));
        Assert.Empty(_source.Asked);
        Assert.Equal(1, _domain.Faults.Total);
    }

    [Fact]
    public void Of_a_range_the_first_byte_that_is_missing_is_asked_for()
    {
        Cache(0x5000, DmaAccess.Read, 0);
        Cache(0x6000, DmaAccess.Read, 1);
        Assert.True(_domain.TryReach(0x5000, 2 * Page, DmaAccess.Read));
        Assert.False(_domain.TryReach(0x5000, 3 * Page, DmaAccess.Read));
        Assert.Equal([(0x7000UL, DmaAccess.Read)], _source.Asked);
    }

    [Fact]
    public void Written_pages_are_marked_where_the_memory_behind_has_them()
    {
        using var bitmap = new NativeHostMemory(4096);
        bitmap.Slice(0, 4096).Clear();
        _domain.Log = new DirtyLog(bitmap, 0, 4096);
        Cache(0x5000, DmaAccess.Read | DmaAccess.Write, 3);
        Assert.True(_domain.TryWrite(0x5010, new byte[8]));
        Assert.Equal(1 << 3, bitmap.Slice(0x100 / 8, 1)[0]);
        Assert.Equal(1, bitmap.Slice(0, 4096).ToArray().Count(b => b != 0));
    }

    [Fact]
    public void Its_own_map_again_is_empty_and_reports_faults()
    {
        Cache(0x5000, DmaAccess.Read, 3);
        _domain.Translate(null, null);
        Assert.Equal((false, 0), (_domain.IsTranslated, _domain.Count));
        Assert.False(_domain.TryRead(0x5000, new byte[8]));
        Assert.Empty(_source.Asked);
        Assert.Equal(1, _domain.Faults.Total);
    }

    [Fact]
    public void The_cache_is_what_was_put_last_and_not_forgotten_since() => Prop.ForAll<byte[]>(steps =>
    {
        _domain.Clear();
        int[] model = [.. Enumerable.Repeat(-1, 32)];
        foreach (byte[] step in steps.Chunk(4).Where(step => step.Length == 4))
        {
            int first = step[0] % 24;
            int pages = 1 + (step[1] % 8);
            if (step[3] % 3 == 0)
                Forget(model, first, pages);
            else
                Put(model, first, pages, step[2] % (Pages - 8));
            for (int page = 0; page < model.Length; page++)
                Assert.Equal(model[page] >= 0, _domain.TryRead((ulong)page * Page, new byte[1]));
        }
    }).Check(Config.QuickThrowOnFailure.WithMaxTest(300));

    /// <summary>All of a translation goes with any part of it.</summary>
    private void Forget(int[] model, int first, int pages)
    {
        _domain.Forget((ulong)first * Page, ((ulong)(first + pages) * Page) - 1);
        RemoveTouched(model, first, pages);
    }

    private void Put(int[] model, int first, int pages, int place)
    {
        Assert.Equal(DmaMapStatus.Ok, _domain.Cache((ulong)first * Page, (ulong)pages * Page, DmaAccess.Read, _memory, (ulong)place * Page));
        RemoveTouched(model, first, pages);
        int mark = model.Max() + 1;
        model.AsSpan(first, pages).Fill(mark);
    }

    private static void RemoveTouched(int[] model, int first, int pages)
    {
        HashSet<int> touched = [.. model.AsSpan(first, pages).ToArray().Where(mark => mark >= 0)];
        for (int page = 0; page < model.Length; page++)
            model[page] = touched.Contains(model[page]) ? -1 : model[page];
    }

    private void Cache(ulong iova, DmaAccess access, ulong page) =>
        Assert.Equal(DmaMapStatus.Ok, _domain.Cache(iova, Page, access, _memory, page * Page));

    private sealed class RecordingSource : ITranslationSource
    {
        public List<(ulong Iova, DmaAccess Access)> Asked { get; } = [];

        public void Ask(ulong iova, DmaAccess access) => Asked.Add((iova, access));
    }
}
