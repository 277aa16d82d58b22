using SoftIov.Pcie;
using Xunit;

namespace SoftIov.Tests.Pcie;

/// <summary>How many buses and VFs the windows of one endpoint hold.</summary>
public class VmdLayoutTests
{
    /// <summary>The fewest and the most VFs of each size of the window: the last VF is always on a bus that is in it.</summary>
    [Theory]
    [InlineData(1, 2)]
    [InlineData(255, 2)]
    [InlineData(256, 4)]
    [InlineData(32_511, 128)]
    [InlineData(32_512, 256)]
    [InlineData(65_279, 256)]
    public void The_last_vf_is_on_a_bus_of_the_window(int totalVfs, int buses)
    {
        var layout = new VmdLayout(totalVfs, 16 << 10, 16 << 10);
        Assert.Equal(buses, layout.Buses);
        Assert.True((0x100 + totalVfs) >> 8 < buses);
    }

    [Theory]
    [InlineData(16 << 10, 16 << 10, 65_279)] // bus 255 is full
    [InlineData(32 << 10, 32 << 10, 32_767)] // 1 GiB is full, with the PF
    [InlineData(32 << 10, 0, 32_768)]
    [InlineData(0, 0, 65_279)]
    [InlineData(1, 2UL << 30, 0)]
    public void What_does_not_fit_is_an_error_of_one_line_that_says_how_many_do(ulong bytesPerVf, ulong physicalBytes, int most)
    {
        Assert.Equal(most, SriovAdapter.MostWholeVfs(physicalBytes, bytesPerVf));
        if (most > 0)
            Assert.InRange(new VmdLayout(most, bytesPerVf, physicalBytes).Buses, 2, 256);
        var error = Assert.Throws<ArgumentOutOfRangeException>(() => new VmdLayout(most + 1, bytesPerVf, physicalBytes));
        Assert.Contains($"{most + 1} VFs do not fit behind one endpoint: {most} at most.", error.Message);
        Assert.DoesNotContain('\n', error.Message);
    }
}
