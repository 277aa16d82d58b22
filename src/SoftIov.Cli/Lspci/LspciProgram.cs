using System.Diagnostics;

namespace SoftIov.Cli.Lspci;

/// <summary>The lspci of pciutils, when it is installed.</summary>
internal static class LspciProgram
{
    // Some distributions keep it out of the PATH of ordinary users.
    private static readonly string[] MoreDirectories = ["/sbin", "/usr/sbin"];

    /// <summary>Where it is in the directories of a search path, or null.</summary>
    public static string? Find(string? searchPath)
    {
        IEnumerable<string> directories = (searchPath ?? "").Split(':', StringSplitOptions.RemoveEmptyEntries);
        if (searchPath is { Length: > 0 })
        {
            directories = directories.Concat(MoreDirectories);
        }

        return directories.Select(d => Path.Combine(d, "lspci")).FirstOrDefault(File.Exists);
    }

    /// <summary>What it makes of a dump; throws <see cref="IOException"/> when it fails.</summary>
    /// <param name="program">Its path.</param>
    /// <param name="dump">Text of configuration spaces.</param>
    /// <param name="flags">Its options.</param>
    /// <param name="cancellationToken">Kills it.</param>
    public static async Task<string> RunAsync(
        string program, string dump, IReadOnlyList<string> flags, CancellationToken cancellationToken)
    {
        // The dump goes by way of a pipe: no file that an interrupted run leaves behind.
        var start = new ProcessStartInfo(program, ["-F", "/dev/stdin", .. flags])
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        using Process process = Process.Start(start) ?? throw new IOException($"{program} did not start");
        await using CancellationTokenRegistration kill = cancellationToken.Register(process.Kill);
        Task<string> output = process.StandardOutput.ReadToEndAsync(cancellationToken);
        Task<string> error = process.StandardError.ReadToEndAsync(cancellationToken);
        await process.StandardInput.WriteAsync(dump.AsMemory(), cancellationToken).ConfigureAwait(false);
        process.StandardInput.Close();
        string text = await output.ConfigureAwait(false);
        await process.WaitForExitAsync(cancellationToken).ConfigureAwait(false);
        return process.ExitCode == 0
            ? text
            : throw new IOException($"{program} failed: {(await error.ConfigureAwait(false)).Trim()}");
    }
}
