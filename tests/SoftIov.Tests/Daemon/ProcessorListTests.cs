using SoftIov.Daemon.Hosting;
using Xunit;

namespace SoftIov.Tests.Daemon;

public class ProcessorListTests
{
    [Theory]
    [InlineData("2", new[] { 2 })]
    [InlineData("3,1", new[] { 3, 1 })]
    [InlineData("0, 2-4", new[] { 0, 2, 3, 4 })]
    public void Numbers_and_ranges_keep_their_order(string text, int[] expected)
    {
        Assert.True(ProcessorList.TryParse(text, out IReadOnlyList<int> processors));
        Assert.Equal(expected, processors);
    }

    [Theory]
    [InlineData("")]
    [InlineData("a")]
    [InlineData("-1")]
    [InlineData("1-")]
    [InlineData("3-1")]
    [InlineData("1-2-3")]
    [InlineData("1,1")]
    [InlineData("0-2,2")]
    [InlineData("99999")]
    public void Anything_else_is_refused(string text) => Assert.False(ProcessorList.TryParse(text, out _));
}
