using SoftIov.Fuzz.Daemon;
using Xunit;

namespace SoftIov.Tests.Daemon;

/// <summary>Text that is made up, to those who read text of others: `tests/SoftIov.Fuzz` goes on with other seeds.</summary>
public sealed class DaemonFuzzTests
{
    [Fact]
    public void Requests_that_are_made_up_are_answered()
    {
        using ControlTarget target = new();
        for (int seed = 0; seed < 60; seed++)
            Assert.Equal((seed, null), (seed, target.Run(target.Generate(seed))));
    }

    [Fact]
    public void Configurations_that_are_made_up_are_read_or_refused()
    {
        using ConfigurationTarget target = new();
        for (int seed = 0; seed < 2000; seed++)
            Assert.Equal((seed, null), (seed, target.Run(target.Generate(seed))));
    }
}
