using SoftIov.Fuzz;
using SoftIov.Fuzz.Nvme;
using Xunit;

namespace SoftIov.Tests.Devices.Nvme;

/// <summary>Drivers that were kept, and some that are made up: whatever fails is to be kept in tests/SoftIov.Fuzz/Corpus.</summary>
public sealed class NvmeFuzzTests
{
    public static TheoryData<string> Corpus { get; } = [.. FuzzCorpus.NamesOf("nvme")];

    [Theory]
    [MemberData(nameof(Corpus))]
    public void N080_Drivers_that_were_kept_do_no_harm(string name)
    {
        using NvmeTarget target = new();
        Assert.Null(target.Run(FuzzCorpus.Read(name)));
        Assert.NotEqual(0, target.Done);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1000)]
    [InlineData(2000)]
    public void N080_Drivers_that_are_made_up_do_no_harm(int firstSeed)
    {
        using NvmeTarget target = new();
        for (int seed = firstSeed; seed < firstSeed + 25; seed++)
            Assert.Equal((seed, null), (seed, target.Run(target.Generate(seed))));

        // They get far enough to find anything.
        Assert.InRange(target.Done, 200, long.MaxValue);
        Assert.InRange(target.Refused, 50, long.MaxValue);
    }

    [Fact]
    public void A_driver_is_its_seed_and_its_text()
    {
        using NvmeTarget target = new();
        string text = target.Generate(7);
        Assert.Equal(text, target.Generate(7));
        Assert.NotEqual(text, target.Generate(8));
        Assert.Equal(text, string.Join('\n', NvmeStep.Parse(text)) + '\n');
    }

    [Fact]
    public void A_neighbour_whose_data_change_is_noticed()
    {
        using NvmeBench bench = new(isFile: false);
        Assert.Null(bench.Check());
        bench.Spoil();
        Assert.Equal("the neighbour's data are others", bench.Check());
    }
}
