using SoftIov.Fuzz;
using SoftIov.Fuzz.VhostUser;
using Xunit;

namespace SoftIov.Tests.Transports.VhostUser;

/// <summary>
/// Streams of messages that were kept, and some that are made up: whatever fails is to be kept in tests/SoftIov.Fuzz/Corpus.
/// </summary>
public sealed class FuzzTests
{
    public static TheoryData<string> Corpus { get; } = [.. FuzzCorpus.NamesOf("vhost-user")];

    [Theory]
    [MemberData(nameof(Corpus))]
    public void Streams_that_were_kept_do_no_harm(string name)
    {
        using VhostUserTarget target = new();
        Assert.Null(target.Run(FuzzCorpus.Read(name)));
        Assert.NotEqual(0, target.Counters.Messages);
    }

    [Fact]
    public void What_qemu_sends_is_done()
    {
        using VhostUserTarget target = new();
        Assert.Null(target.Run(FuzzCorpus.Read("vhost-user/qemu.txt")));
        Assert.Equal((1, 0, 0), (target.Counters.Sessions, target.Counters.RefusedMessages, target.Counters.BrokenSessions));
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1000)]
    [InlineData(2000)]
    public void Streams_that_are_made_up_do_no_harm(int firstSeed)
    {
        using VhostUserTarget target = new();
        for (int seed = firstSeed; seed < firstSeed + 25; seed++)
            Assert.Equal((seed, null), (seed, target.Run(target.Generate(seed))));
    }

    [Fact]
    public void A_stream_is_its_seed_and_its_text()
    {
        using VhostUserTarget target = new();
        string text = target.Generate(7);
        Assert.Equal(text, target.Generate(7));
        Assert.NotEqual(text, target.Generate(8));
        Assert.Equal(text, string.Join('\n', FrontEndStep.Parse(text)) + '\n');
    }
}
