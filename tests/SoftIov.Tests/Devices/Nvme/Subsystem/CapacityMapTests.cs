using System.Collections.Immutable;
using FsCheck;
using FsCheck.Fluent;
using SoftIov.Devices.Nvme;
using Xunit;

namespace SoftIov.Tests.Devices.Nvme.Subsystem;

/// <summary>The capacity map against a plain list of granules.</summary>
public sealed class CapacityMapTests
{
    private const long Granule = CapacityMap.LargestGranule;

    [Fact]
    public void Map_and_list_of_granules_agree() =>
        Prop.ForAll<int>(seed => Agree(new Random(seed))).Check(Config.QuickThrowOnFailure.WithMaxTest(300));

    [Theory]
    [InlineData(16 * Granule, Granule)]
    [InlineData(Granule + 4096, 4096)]
    [InlineData(24576, 8192)]
    [InlineData(4096, 4096)]
    public void The_granule_divides_the_store(long length, long granule) => Assert.Equal(granule, new CapacityMap(length).Granule);

    [Fact]
    public void The_first_extent_that_holds_all_is_taken_before_any_is_split()
    {
        var map = new CapacityMap(16 * Granule);
        Assert.True(map.TryTake(new Extent(2 * Granule, Granule)));
        Assert.True(map.TryTake(new Extent(7 * Granule, Granule)));

        Assert.True(map.TryAllocate(3 * Granule, out ImmutableArray<Extent> extents));
        Assert.Equal([new Extent(3 * Granule, 3 * Granule)], extents.ToArray());
        Assert.True(map.TryAllocate(9 * Granule, out extents));
        Assert.Equal([new Extent(8 * Granule, 8 * Granule), new Extent(0, Granule)], extents.ToArray());
    }

    [Theory]
    [InlineData(-Granule, Granule)]
    [InlineData(0, 0)]
    [InlineData(0, -Granule)]
    [InlineData(512, Granule)]
    [InlineData(0, 512)]
    [InlineData(15 * Granule, 2 * Granule)]
    [InlineData(16 * Granule, Granule)]
    [InlineData(Granule, long.MaxValue - Granule + 1)]
    public void Extents_that_do_not_fit_are_not_taken(long offset, long length)
    {
        var map = new CapacityMap(16 * Granule);
        Assert.False(map.TryTake(new Extent(offset, length)));
        Assert.Equal(16 * Granule, map.Free);
    }

    private static bool Agree(Random random)
    {
        int count = random.Next(1, 40);
        var map = new CapacityMap(count * Granule);
        var isTaken = new bool[(int)(map.Total / map.Granule)];
        var lent = new List<ImmutableArray<Extent>>();
        for (int step = 0; step < 60; step++)
        {
            int free = isTaken.Count(taken => !taken);
            switch (random.Next(4))
            {
                case 0 or 1:
                    long bytes = random.NextInt64(1, map.Total + 2);
                    bool fits = (bytes + map.Granule - 1) / map.Granule <= free;
                    Assert.Equal(fits, map.TryAllocate(bytes, out ImmutableArray<Extent> extents));
                    Assert.Equal(fits ? (bytes + map.Granule - 1) / map.Granule * map.Granule : 0, extents.Sum(extent => extent.Length));
                    Mark(isTaken, extents, map.Granule, true);
                    if (fits)
                        lent.Add(extents);
                    break;
                case 2 when lent.Count > 0:
                    int index = random.Next(lent.Count);
                    map.Release(lent[index].AsSpan());
                    Mark(isTaken, lent[index], map.Granule, false);
                    lent.RemoveAt(index);
                    break;
                default:
                    int from = random.Next(isTaken.Length);
                    int length = random.Next(1, isTaken.Length - from + 1);
                    var extent = new Extent(from * map.Granule, length * map.Granule);
                    bool isFree = !isTaken.AsSpan(from, length).Contains(true);
                    Assert.Equal(isFree, map.TryTake(extent));
                    if (isFree)
                    {
                        Mark(isTaken, [extent], map.Granule, true);
                        lent.Add([extent]);
                    }

                    break;
            }

            Check(map, isTaken);
        }

        return true;
    }

    private static void Mark(bool[] isTaken, ImmutableArray<Extent> extents, long granule, bool taken)
    {
        foreach (Extent extent in extents)
        {
            for (long at = extent.Offset / granule; at < extent.End / granule; at++)
            {
                Assert.NotEqual(taken, isTaken[at]);
                isTaken[at] = taken;
            }
        }
    }

    /// <summary>Free is what nobody has, in order, and what touches is one extent.</summary>
    private static void Check(CapacityMap map, bool[] isTaken)
    {
        var free = new List<Extent>();
        for (int at = 0; at < isTaken.Length; at++)
        {
            if (isTaken[at])
                continue;
            if (free.Count > 0 && free[^1].End == at * map.Granule)
                free[^1] = free[^1] with { Length = free[^1].Length + map.Granule };
            else
                free.Add(new Extent(at * map.Granule, map.Granule));
        }

        Assert.Equal(free, map.FreeExtents);
        Assert.Equal(free.Sum(extent => extent.Length), map.Free);
    }
}
