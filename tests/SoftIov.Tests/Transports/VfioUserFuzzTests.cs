using SoftIov.Fuzz;
using SoftIov.Fuzz.VfioUser;
using SoftIov.Transports.VfioUser;
using Xunit;

namespace SoftIov.Tests.Transports;

/// <summary>
/// Streams of messages that were kept, and some that are made up: whatever fails is to be kept in tests/SoftIov.Fuzz/Corpus.
/// </summary>
public sealed class VfioUserFuzzTests
{
    public static TheoryData<string> Corpus { get; } = [.. FuzzCorpus.NamesOf("vfio-user")];

    [Theory]
    [MemberData(nameof(Corpus))]
    public void Streams_that_were_kept_do_no_harm(string name)
    {
        using VfioUserTarget target = new();
        Assert.Null(target.Run(FuzzCorpus.Read(name)));
        Assert.NotEqual(0, target.Counters.Commands);
    }

    [Theory]
    [InlineData("qemu")]
    [InlineData("cloud-hypervisor")]
    [InlineData("spdk")]
    public void What_real_clients_send_is_done(string client)
    {
        using VfioUserTarget target = new();
        Assert.Null(target.Run(FuzzCorpus.Read($"vfio-user/{client}.txt")));
        VfioUserCounters counters = target.Counters;
        Assert.Equal((1, 0, 0), (counters.Sessions, counters.RefusedCommands, counters.BrokenSessions));
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1000)]
    [InlineData(2000)]
    [InlineData(3000)]
    public void Streams_that_are_made_up_do_no_harm(int firstSeed)
    {
        using VfioUserTarget target = new();
        for (int seed = firstSeed; seed < firstSeed + 25; seed++)
            Assert.Equal((seed, null), (seed, target.Run(target.Generate(seed))));
    }

    [Fact]
    public void A_stream_is_its_seed_and_its_text()
    {
        using VfioUserTarget target = new();
        string text = target.Generate(7);
        Assert.Equal(text, target.Generate(7));
        Assert.NotEqual(text, target.Generate(8));
        Assert.Equal(text, string.Join('\n', Step.Parse(text)) + '\n');
    }

    [Theory]
    [InlineData("0200030020000000100000000000000000000000", "where one to command")]
    [InlineData("0100040010000000010000000000000000000000", "a reply of 20 bytes")]
    [InlineData("01000400100000000100000000000000", "a reply of 16 bytes")]
    [InlineData("01000400100000002100000000000000", "flags 21")]
    [InlineData("01000400100000003100000016000000", "flags 31")]
    [InlineData("01000400100000002100000016000000", null)]
    public void Wrong_replies_are_noticed(string reply, string? complaint)
    {
        ReplyOracle oracle = new();
        oracle.Sent(Convert.FromHexString("01000400200000000000000000000000" + "10000000000000000000000000000000"));
        string? noticed = oracle.Check(Convert.FromHexString(reply));
        Assert.Equal(complaint is null, noticed is null);
        Assert.Contains(complaint ?? "", noticed ?? "");
    }
}
