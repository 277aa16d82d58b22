using System.Diagnostics;

namespace SoftIov.SystemTests.Rigs;

/// <summary>Commands of the host's own shell.</summary>
internal static class HostCommand
{
    /// <summary>Runs one that must succeed; returns what it printed.</summary>
    public static async Task<string> CheckAsync(string command)
    {
        var start = new ProcessStartInfo("sh", ["-c", command]) { RedirectStandardOutput = true, RedirectStandardError = true };
        start.Environment["PATH"] += ":/usr/sbin:/sbin";
        using Process process = Process.Start(start)!;
        Task<string> errors = process.StandardError.ReadToEndAsync();
        string output = await process.StandardOutput.ReadToEndAsync();
        await process.WaitForExitAsync();
        Assert.True(process.ExitCode == 0, $"{command}: {output}{await errors}");
        return output;
    }
}
