using System.ComponentModel;
using System.Diagnostics;
using System.Text.RegularExpressions;

namespace SoftIov.Tests.Pcie;

/// <summary>The real lspci, reading a dump: it decodes configuration space independently of us.</summary>
internal static partial class Lspci
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    /// <summary>For example "3.9.0".</summary>
    public static string Version => Run("--version").Trim().Split(' ')[^1];

    /// <summary>Everything it says about the functions of a dump, with numbers instead of names: those depend on a data base.</summary>
    public static string Decode(string dump)
    {
        string file = Path.GetTempFileName();
        try
        {
            File.WriteAllText(file, dump);

            // The name of the programming interface comes from the data base even with -n.
            return ProgrammingInterface().Replace(Run("-F", file, "-n", "-vvv"), "");
        }
        finally
        {
            File.Delete(file);
        }
    }

    private static string Run(params string[] arguments)
    {
        ProcessStartInfo start = new("lspci", arguments) { RedirectStandardOutput = true, RedirectStandardError = true };
        try
        {
            using Process process = Process.Start(start)!;
            Task<string> errors = process.StandardError.ReadToEndAsync();
            string output = process.StandardOutput.ReadToEnd();
            if (!process.WaitForExit(Patience) || process.ExitCode != 0)
                throw new InvalidOperationException($"lspci {string.Join(' ', arguments)} failed: {errors.GetAwaiter().GetResult()}");
            return output;
        }
        catch (Win32Exception missing)
        {
            throw new InvalidOperationException("lspci is not installed: run ./test, which installs it, or apt-get install pciutils", missing);
        }
    }

    [GeneratedRegex(@" \(prog-if [^)]*\)")]
    private static partial Regex ProgrammingInterface();
}
