using SoftIov.Benchmarks.Peers;
using SoftIov.Benchmarks.Report;
using Xunit;

namespace SoftIov.Tests.Benchmarks;

/// <summary>Command lines of <c>./bench</c>: the order of words means nothing, and no word is passed over.</summary>
public sealed class BenchWordsTests
{
    [Theory]
    [InlineData("net --peers --json --runs 5")]
    [InlineData("net --json --peers --runs 5")]
    [InlineData("net --runs 5 --json --peers")]
    public void Words_may_stand_in_any_order(string line)
    {
        var words = new BenchWords(line.Split(' '));
        Assert.Equal("net", words.TakeCommand());
        Assert.True(words.Flag("--peers"));
        var options = PeersBenchOptions.Parse(words, "/results");
        words.End();
        Assert.True(options.Json);
        Assert.Equal(5, options.Runs);
        Assert.Equal("/results/bench-peers.json", options.Output);
        Assert.Equal(["split", "packed"], options.Rings);
        Assert.Equal(["uni", "loop"], options.Modes);
    }

    [Fact]
    public void Words_that_an_option_knows_may_have_any_case()
    {
        var options = PeersBenchOptions.Parse(new BenchWords("--ring Packed --mode LOOP --switch softiov,VhostIo --output /x.json".Split(' ')), "/");
        Assert.Equal(["packed"], options.Rings);
        Assert.Equal(["loop"], options.Modes);
        Assert.Equal(["softiov", "vhostIo"], options.Switches);
        Assert.Equal("/x.json", options.Output);
    }

    [Theory]
    [InlineData("--mode x", "--mode knows no 'x' here, but: uni, loop")]
    [InlineData("--mode flood", "--mode knows no 'flood' here, but: uni, loop")]
    [InlineData("--ring round", "--ring knows no 'round' here, but: split, packed")]
    [InlineData("--switch ovs,vpp", "--switch knows no 'vpp' here, but: ovs, vhostIo, softiov")]
    [InlineData("--inline", "'--inline' is no option here, or stands twice")]
    [InlineData("--runs 1 --runs 2", "'--runs' is no option here, or stands twice")]
    [InlineData("--runs", "--runs needs a value")]
    [InlineData("--runs --json", "--runs needs a value")]
    [InlineData("--runs 0", "--runs '0' is no whole number from 1 on")]
    [InlineData("--runs 1.5", "--runs '1.5' is no whole number from 1 on")]
    [InlineData("--seconds NaN", "--seconds 'NaN' is no number from 0.001 on")]
    [InlineData("--sizes 64,9000", "--sizes 9000 is above 1518")]
    public void What_there_is_not_is_refused_with_what_there_is(string line, string message)
    {
        var words = new BenchWords(line.Split(' '));
        var wrong = Assert.Throws<UsageException>(() =>
        {
            PeersBenchOptions.Parse(words, "/");
            words.End();
        });
        Assert.Equal(message, wrong.Message);
    }

    [Fact]
    public void Options_are_no_commands()
    {
        Assert.Null(new BenchWords(["--help"]).TakeCommand());
        Assert.Null(new BenchWords([]).TakeCommand());
    }
}
