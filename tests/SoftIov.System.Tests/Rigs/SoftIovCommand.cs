using System.Diagnostics;

namespace SoftIov.SystemTests.Rigs;

/// <summary>The <c>./softiov</c> a user runs, from the root of this repository.</summary>
internal static class SoftIovCommand
{
    private static readonly TimeSpan Timeout = TimeSpan.FromSeconds(120);

    /// <summary>Path of the launcher.</summary>
    public static string Path { get; } = System.IO.Path.Combine(FindRoot(), "softiov");

    /// <summary>Runs it against the daemon at <paramref name="socket"/>.</summary>
    public static async Task<CommandResult> RunAsync(string socket, params string[] arguments)
    {
        using Process process = Start(socket, arguments);
        using var limit = new CancellationTokenSource(Timeout);
        Task<string> output = process.StandardOutput.ReadToEndAsync(limit.Token);
        Task<string> errors = process.StandardError.ReadToEndAsync(limit.Token);
        await process.WaitForExitAsync(limit.Token);
        return new CommandResult(process.ExitCode, await output, await errors);
    }

    /// <summary>Starts it, for commands that run until a signal comes.</summary>
    public static Process Start(string socket, params string[] arguments)
    {
        // Tests may have been started by a shell that ignores signals, which children inherit.
        var start = new ProcessStartInfo("/usr/bin/env", ["--default-signal", Path, .. arguments])
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        start.Environment["SOFTIOV_SOCKET"] = socket;
        return Process.Start(start)!;
    }

    private static string FindRoot()
    {
        DirectoryInfo? folder = new(AppContext.BaseDirectory);
        while (folder is not null && !File.Exists(System.IO.Path.Combine(folder.FullName, "SoftIov.slnx")))
            folder = folder.Parent;
        return folder?.FullName ?? throw new InvalidOperationException("Not below a folder with SoftIov.slnx.");
    }
}
