using System.Diagnostics;
using Xunit;

namespace SoftIov.Tests.Linux;

/// <summary>A command of the host, run to its end.</summary>
internal static class HostCommand
{
    /// <summary>Its output, without the last line's end; fails when the command does.</summary>
    internal static string Run(string program, params string[] arguments)
    {
        var start = new ProcessStartInfo(program, arguments) { RedirectStandardOutput = true, RedirectStandardError = true };
        using Process process = Process.Start(start)!;
        string error = process.StandardError.ReadToEndAsync().Result;
        string output = process.StandardOutput.ReadToEnd();
        process.WaitForExit();
        Assert.True(process.ExitCode == 0, $"{program} {string.Join(' ', arguments)}: {error}");
        return output.TrimEnd();
    }
}
