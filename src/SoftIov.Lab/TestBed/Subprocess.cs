using System.Diagnostics;
using System.Text;

namespace SoftIov.Lab.TestBed;

/// <summary>Runs a program of the host to its end and returns what it printed.</summary>
internal static class Subprocess
{
    private const int QuotedErrorLines = 12;

    /// <summary>
    /// Runs <paramref name="command"/> (program and arguments) and returns its standard output; a program that is not there or fails
    /// is a <see cref="BedException"/> with the end of what it said. Cancelling kills it.
    /// </summary>
    public static async Task<string> RunAsync(
        IReadOnlyList<string> command, CancellationToken cancellationToken, string? folder = null, Action<string>? onLine = null)
    {
        (int exitCode, string output, string errors) = await TryRunAsync(command, cancellationToken, folder, onLine).ConfigureAwait(false);
        if (exitCode != 0)
        {
            string said = string.Join('\n', errors.TrimEnd().Split('\n').TakeLast(QuotedErrorLines));
            throw new BedException($"{Path.GetFileName(command[0])} failed (exit code {exitCode}): {said}");
        }

        return output;
    }

    /// <summary>Runs <paramref name="command"/> and returns its exit code and both outputs, whatever they are.</summary>
    public static async Task<(int ExitCode, string Output, string Errors)> TryRunAsync(
        IReadOnlyList<string> command, CancellationToken cancellationToken, string? folder = null, Action<string>? onLine = null)
    {
        using Process process = Start(command, folder);
        process.StandardInput.Close();
        using CancellationTokenRegistration kill = cancellationToken.Register(() => process.Kill(entireProcessTree: true));
        Task<string> output = ReadLinesAsync(process.StandardOutput, onLine);
        Task<string> errors = ReadLinesAsync(process.StandardError, null);
        await process.WaitForExitAsync(CancellationToken.None).ConfigureAwait(false);
        string printed = await output.ConfigureAwait(false);
        string said = await errors.ConfigureAwait(false);
        cancellationToken.ThrowIfCancellationRequested();
        return (process.ExitCode, printed, said);
    }

    /// <summary>Path of a program in <c>$PATH</c> and the folders of system programs, or null.</summary>
    public static string? Find(string program)
    {
        string[] folders = [.. (Environment.GetEnvironmentVariable("PATH") ?? "").Split(':'), "/usr/sbin", "/sbin", "/usr/bin", "/bin"];
        return folders.Where(folder => folder.Length > 0).Select(folder => Path.Combine(folder, program)).FirstOrDefault(File.Exists);
    }

    private static Process Start(IReadOnlyList<string> command, string? folder)
    {
        var start = new ProcessStartInfo(command[0], command.Skip(1))
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            WorkingDirectory = folder ?? "",
        };
        start.Environment["LC_ALL"] = "C.UTF-8";
        start.Environment["DEBIAN_FRONTEND"] = "noninteractive";
        try
        {
            return Process.Start(start)!;
        }
        catch (System.ComponentModel.Win32Exception error)
        {
            throw new BedException($"cannot run {command[0]}: {error.Message}", null, error);
        }
    }

    private static async Task<string> ReadLinesAsync(StreamReader reader, Action<string>? onLine)
    {
        var text = new StringBuilder();
        while (await reader.ReadLineAsync(CancellationToken.None).ConfigureAwait(false) is { } line)
        {
            onLine?.Invoke(line);
            text.Append(line).Append('\n');
        }

        return text.ToString();
    }
}
