using System.Diagnostics;

namespace SoftIov.Tests.Cli;

/// <summary>Programs of the host that tests ask for their opinion.</summary>
internal static class Shell
{
    /// <summary>Standard output of a program that ends well.</summary>
    public static async Task<string> RunAsync(string program, params string[] arguments)
    {
        var start = new ProcessStartInfo(program, arguments) { RedirectStandardOutput = true, RedirectStandardError = true };
        using Process process = Process.Start(start)!;
        Task<string> error = process.StandardError.ReadToEndAsync();
        string output = await process.StandardOutput.ReadToEndAsync();
        await process.WaitForExitAsync();
        return process.ExitCode == 0 ? output : throw new InvalidOperationException($"{program}: {process.ExitCode}: {await error}");
    }
}
