using SoftIov.Lab.Nvme;
using SoftIov.Lab.Pci;
using SoftIov.Memory;
using Xunit;

namespace SoftIov.Tests.Lab.Nvme;

/// <summary>Ways to a doorbell: memory that the device shares, and shadows with their event indexes.</summary>
public sealed class DoorbellTests : IDisposable
{
    private readonly DriverMemory _memory = DriverMemory.CreatePrivate(64 * 1024);
    private readonly RecordedDoorbells _behind = new();

    public void Dispose() => _memory.Dispose();

    [Fact]
    public void A_mapped_doorbell_is_stored_at_its_place_and_one_behind_the_page_is_rung()
    {
        using var page = new NativeHostMemory(4096);
        var doorbells = new MappedDoorbells(page, 8, _behind);
        doorbells.Ring(3, 0x11223344);
        Assert.Equal("44332211", Convert.ToHexString(page.Slice(24, 4)));
        doorbells.Ring(511, 1);
        Assert.Empty(_behind.Rings);
        doorbells.Ring(512, 2);
        Assert.Equal([(512, 2u)], _behind.Rings);
    }

    [Fact]
    public void N030_A_shadow_rings_when_the_event_index_is_passed()
    {
        var shadows = new ShadowDoorbells(_memory, _behind, 4, 4096);
        shadows.Ring(2, 1);
        Assert.Equal([(2, 1u)], _behind.Rings);
        shadows.Ring(2, 2);
        Assert.Single(_behind.Rings);
        shadows.EventIndex(2) = 2;
        shadows.Ring(2, 3);
        Assert.Equal([(2, 1u), (2, 3u)], _behind.Rings);
        Assert.Equal(2, shadows.Rung);
        Assert.Equal(3u, BitConverter.ToUInt32(_memory.Span(shadows.ShadowAddress + 8, 4)));
        shadows.Reset(1);
        Assert.Equal((0u, 0u), (shadows.Shadow(2), shadows.EventIndex(2)));
    }

    [Theory]
    [InlineData(5, 6, 5, true)]
    [InlineData(5, 9, 4, true)]
    [InlineData(5, 5, 4, false)]
    [InlineData(4, 9, 5, false)]
    [InlineData(1023, 3, 1020, true)] // the queue wraps, the index does not: seen from it, 3 is far away
    [InlineData(0xFFFF, 0, 0xFFFF, true)]
    [InlineData(0xFFFFFFFF, 5, 4, false)] // a controller that polls
    public void The_event_index_is_compared_in_sixteen_bits(uint eventIndex, uint value, uint before, bool rings) =>
        Assert.Equal(rings, ShadowDoorbells.IsAskedFor(eventIndex, value, before));
}
