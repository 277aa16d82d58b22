using System.Diagnostics;
using SoftIov.Lab.TestBed;

namespace SoftIov.Benchmarks.Peers;

/// <summary>Which processor does what: the switch has one, the client that all are measured with another.</summary>
internal static class Cores
{
    /// <summary>Of the switch.</summary>
    public const int OfSwitch = 0;

    /// <summary>Of the client.</summary>
    public const int OfClient = 1;

    /// <summary>Puts all threads of this process, and those they start, where the switch is.</summary>
    public static void JoinSwitch()
    {
        var start = new ProcessStartInfo("taskset", ["--all-tasks", "--cpu-list", "--pid", $"{OfSwitch}", $"{Environment.ProcessId}"])
        {
            RedirectStandardOutput = true,
        };
        using Process taskset = Process.Start(start)!;
        taskset.WaitForExit();
        if (taskset.ExitCode != 0)
            throw new BedException("taskset cannot move this process to one processor");
    }

    /// <summary>A child that may use both.</summary>
    public static ProcessStartInfo Child(IReadOnlyList<string> command) => new("taskset", ["--cpu-list", $"{OfSwitch},{OfClient}", .. command])
    {
        RedirectStandardInput = true,
        RedirectStandardOutput = true,
        RedirectStandardError = true,
    };
}
