using SoftIov.Lab.Demo;
using Xunit;

namespace SoftIov.Tests.Lab.Demo;

/// <summary>What fio says is understood, errors above all.</summary>
public sealed class FioResultTests
{
    private const string Verified = """
        fio: this is no error
        {"fio version": "fio-3.33", "jobs": [{"jobname": "v", "error": 84, "total_err": 3, "first_error": 84,
          "read": {"io_bytes": 65536, "bw_bytes": 2500000, "total_ios": 16}, "write": {"total_ios": 20}}]}
        """;

    [Fact]
    public void Errors_counts_and_rates_are_read() => Assert.Equal(new FioResult(84, 3, 16, 20, 2.5), FioResult.Parse(Verified));

    [Fact]
    public void Without_a_count_of_errors_there_were_none() => Assert.Equal(
        new FioResult(0, 0, 16, 20, 2.5),
        FioResult.Parse(Verified.Replace("84", "0", StringComparison.Ordinal).Replace("\"total_err\": 3,", "", StringComparison.Ordinal)));

    [Theory]
    [InlineData("")]
    [InlineData("fio: failed opening blockdev /dev/nvme0n1")]
    [InlineData("{\"jobs\": [")]
    [InlineData("{\"jobs\": []}")]
    [InlineData("{\"jobs\": [{\"error\": 0}]}")]
    public void What_is_no_result_is_shown(string said)
    {
        var error = Assert.Throws<DemoException>(() => FioResult.Parse(said));
        Assert.EndsWith(said, error.Message, StringComparison.Ordinal);
    }
}
