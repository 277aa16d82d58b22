using System.ComponentModel;
using System.Diagnostics;
using System.Text.RegularExpressions;

namespace SoftIov.Cli.Qemu;

/// <summary>The QEMU that a command line on this host would start.</summary>
internal static partial class QemuOfHost
{
    private const string Name = "qemu-system-x86_64";
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(5);

    /// <summary>The version of the one in the directories of a search path; null when there is none, or it does not say.</summary>
    public static async Task<Version?> FindVersionAsync(string? searchPath, CancellationToken cancellationToken)
    {
        string? program = (searchPath ?? "").Split(':', StringSplitOptions.RemoveEmptyEntries)
            .Select(directory => Path.Combine(directory, Name)).FirstOrDefault(File.Exists);
        return program is null ? null : Parse(await AskAsync(program, cancellationToken).ConfigureAwait(false));
    }

    private static Version? Parse(string text) => Version.TryParse(Number().Match(text).Groups[1].Value, out Version? version) ? version : null;

    private static async Task<string> AskAsync(string program, CancellationToken cancellationToken)
    {
        var start = new ProcessStartInfo(program, ["--version"]) { RedirectStandardOutput = true, RedirectStandardError = true };
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        limit.CancelAfter(Patience);
        try
        {
            using Process process = Process.Start(start) ?? throw new IOException($"{program} did not start");
            await using CancellationTokenRegistration kill = limit.Token.Register(process.Kill);
            _ = process.StandardError.ReadToEndAsync(CancellationToken.None);
            return await process.StandardOutput.ReadToEndAsync(limit.Token).ConfigureAwait(false);
        }
        catch (Exception error) when (error is Win32Exception or IOException || IsLate(error, cancellationToken))
        {
            return "";
        }
    }

    private static bool IsLate(Exception error, CancellationToken cancellationToken) =>
        error is OperationCanceledException && !cancellationToken.IsCancellationRequested;

    [GeneratedRegex(@"version (\d+\.\d+(\.\d+)?)")]
    private static partial Regex Number();
}
