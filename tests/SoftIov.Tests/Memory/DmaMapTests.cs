using SoftIov.Memory;
using Xunit;

namespace SoftIov.Tests.Memory;

/// <summary>The map of a domain against a plain dictionary, with many small mappings as a guest with a virtual IOMMU makes them.</summary>
public sealed class DmaMapTests
{
    private const ulong Page = 4096;
    private const int Pages = 4000;

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    public void Finds_what_was_inserted_and_not_removed(int seed)
    {
        var random = new Random(seed);
        var model = new SortedDictionary<ulong, DmaRegion>();
        DmaMap map = DmaMap.Empty;
        for (int step = 0; step < 6000; step++)
        {
            bool grows = random.Next(100) < (step < 4000 ? 80 : 20);
            map = grows ? Insert(map, model, random) : Remove(map, model, random);
        }

        Assert.Equal(model.Count, map.Count);
        Assert.Equal(model.Values, InOrder(map));
        Assert.Equal(model.Values.Any(r => r.IsMessageOnly), map.HasMessageRegions);
        for (ulong page = 0; page < Pages; page++)
        {
            int position = map.Find((page * Page) + 17);
            Assert.Equal(model.ContainsKey(page * Page), position >= 0);
            Assert.True(position < 0 || map[position].First == page * Page);
        }
    }

    [Fact]
    public void A_client_that_leaves_little_in_each_leaf_does_not_make_them_many()
    {
        DmaMap map = DmaMap.Empty;
        for (ulong page = 0; page < 20_000; page++)
            map = map.Insert(Region(page * Page, 1));
        for (ulong page = 0; page < 20_000; page++)
        {
            if (page % 100 != 0)
                map = map.Remove(map.Find(page * Page), 1);
        }

        Assert.Equal(200, map.Count);
        Assert.InRange(map.LeafCount, 1, 10);
        Assert.Equal(0, map.Remove(map.FindAtOrAbove(0), 200).LeafCount);
    }

    private static DmaMap Insert(DmaMap map, SortedDictionary<ulong, DmaRegion> model, Random random)
    {
        DmaRegion region = Region((ulong)random.Next(Pages) * Page, random.Next(4));
        return model.TryAdd(region.First, region) ? map.Insert(region) : map;
    }

    private static DmaMap Remove(DmaMap map, SortedDictionary<ulong, DmaRegion> model, Random random)
    {
        ulong first = (ulong)random.Next(Pages) * Page;
        ulong[] gone = [.. model.Keys.Where(k => k >= first).Take(random.Next(1, random.Next(10) == 0 ? 700 : 4))];
        if (gone.Length == 0)
            return map;
        foreach (ulong key in gone)
            model.Remove(key);
        return map.Remove(map.FindAtOrAbove(first), gone.Length);
    }

    private static DmaRegion Region(ulong first, nint host) => new(first, first + Page - 1, DmaAccess.Read, host);

    private static List<DmaRegion> InOrder(DmaMap map)
    {
        var all = new List<DmaRegion>();
        for (int position = map.FindAtOrAbove(0); position >= 0; position = map.Next(position))
            all.Add(map[position]);
        return all;
    }
}
