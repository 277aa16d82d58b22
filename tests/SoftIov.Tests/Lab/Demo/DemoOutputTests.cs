using SoftIov.Api;
using SoftIov.Lab.Demo;
using Xunit;

namespace SoftIov.Tests.Lab.Demo;

/// <summary>What the demo shows while it runs.</summary>
public sealed class DemoOutputTests
{
    private readonly StringWriter _text = new();

    [Fact]
    public async Task A_step_is_one_line_with_what_it_found_and_its_details()
    {
        using DemoOutput output = Output(isInteractive: false, hasColor: false);
        bool holds = await output.StepAsync("ping", () =>
        {
            output.Detail("by the way");
            return Task.FromResult("3 of 3");
        });

        Assert.True(holds);
        Assert.Empty(output.Failed);
        Assert.Matches(@"^✓ ping +\d\.\d\d s  3 of 3\n      by the way\n$", _text.ToString());
    }

    [Fact]
    public async Task A_failure_says_why_and_what_to_do()
    {
        using DemoOutput output = Output(isInteractive: false, hasColor: false);
        Assert.False(await output.StepAsync("one", () => throw new DemoException("no luck\nmore of it", "try again")));
        Assert.False(await output.StepAsync("two", () => throw ControlException.Because(ControlErrorCode.Qemu, "no QEMU", "start one")));
        Assert.False(await output.StepAsync("three", () => throw new IOException("gone")));

        Assert.Equal(["one", "two", "three"], output.Failed);
        Assert.Matches(@"✗ one +\d\.\d\d s  no luck\n      more of it\n      fix: try again\n", _text.ToString());
        Assert.Matches(@"✗ two +\d\.\d\d s  no QEMU\n      fix: start one\n", _text.ToString());
        Assert.Matches(@"✗ three +\d\.\d\d s  gone\n$", _text.ToString());
    }

    [Fact]
    public async Task On_a_terminal_the_running_step_is_shown_and_written_over()
    {
        using DemoOutput output = Output(isInteractive: true, hasColor: true);
        await output.StepAsync("boot", () =>
        {
            output.Report("half way");
            Assert.Contains("half way", _text.ToString(), StringComparison.Ordinal);
            return Task.FromResult("up");
        });

        Assert.EndsWith("up\n", _text.ToString(), StringComparison.Ordinal);
        Assert.Contains("\r\e[K\e[32m✓\e[0m boot", _text.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task In_a_pipe_reports_are_lines_not_too_many()
    {
        using DemoOutput output = Output(isInteractive: false, hasColor: true);
        await output.StepAsync("boot", () =>
        {
            output.Report("1 %");
            output.Report("2 %");
            return Task.FromResult("up");
        });

        Assert.StartsWith("    boot: 1 %\n", _text.ToString(), StringComparison.Ordinal);
        Assert.DoesNotContain("2 %", _text.ToString(), StringComparison.Ordinal);
        Assert.DoesNotContain("\r", _text.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Cancelling_is_no_failure()
    {
        using DemoOutput output = Output(isInteractive: false, hasColor: false);

        await Assert.ThrowsAsync<OperationCanceledException>(() => output.StepAsync("boot", () => throw new OperationCanceledException()));

        Assert.Empty(output.Failed);
        Assert.Empty(_text.ToString());
    }

    [Fact]
    public async Task With_json_it_keeps_off_standard_output()
    {
        using var error = new StringWriter();
        using var output = new DemoOutput(new DemoOptions { Json = true, Output = _text, Error = error });

        await output.StepAsync("ping", () => Task.FromResult("3 of 3"));

        Assert.Empty(_text.ToString());
        Assert.Contains("ping", error.ToString(), StringComparison.Ordinal);
    }

    private DemoOutput Output(bool isInteractive, bool hasColor) =>
        new(new DemoOptions { Output = _text, Error = TextWriter.Null, IsInteractive = isInteractive, HasColor = hasColor });
}
