using System.Diagnostics;
using System.Runtime.InteropServices;

namespace SoftIov.Lab.Demo;

/// <summary>SoftIov's own programs, as child processes.</summary>
internal sealed class DemoPrograms(string folder)
{
    private const string RuntimeVariable = "DOTNET_ROOT";

    /// <summary>The command line.</summary>
    public const string CommandLine = "softiov";

    /// <summary>The daemon.</summary>
    public const string Daemon = "softiovd";

    /// <summary>How to start a program that lies in the folder, or in a folder of its own next to it.</summary>
    public ProcessStartInfo Start(string program, params IEnumerable<string> arguments)
    {
        string[] places = [Path.Combine(folder, program), Path.Combine(folder, "..", program, program)];
        string path = Array.Find(places, File.Exists) ?? throw new DemoException(
            $"{program} is not in {folder}", "publish SoftIov.Cli and SoftIov.Daemon into one folder, as ./softiov does");
        var start = new ProcessStartInfo(Path.GetFullPath(path), arguments)
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        if (string.IsNullOrEmpty(Environment.GetEnvironmentVariable(RuntimeVariable)))
        {
            // .../shared/Microsoft.NETCore.App/10.0.0/: the programs are to run with the runtime that runs this one.
            start.Environment[RuntimeVariable] = Path.GetFullPath(Path.Combine(RuntimeEnvironment.GetRuntimeDirectory(), "..", "..", ".."));
        }

        return start;
    }
}
