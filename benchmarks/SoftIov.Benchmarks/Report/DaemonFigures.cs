using System.Globalization;

namespace SoftIov.Benchmarks.Report;

/// <summary>What the kernel knows of a daemon: processor time, memory, descriptors (proc(5)).</summary>
internal sealed class DaemonFigures(int processId)
{
    /// <summary>Nanoseconds that all its threads ran, those of the runtime too. Threads that ended do not count.</summary>
    public long ProcessorNanoseconds => Directory.EnumerateDirectories($"/proc/{processId}/task").Sum(Nanoseconds);

    /// <summary>Bytes of memory that are there, mapped memory files included.</summary>
    public long ResidentBytes => 1024 * long.Parse(
        File.ReadLines($"/proc/{processId}/status").First(line => line.StartsWith("VmRSS:", StringComparison.Ordinal))
            .Split(' ', StringSplitOptions.RemoveEmptyEntries)[1],
        CultureInfo.InvariantCulture);

    /// <summary>Open descriptors.</summary>
    public int Descriptors => Directory.EnumerateFileSystemEntries($"/proc/{processId}/fd").Count();

    /// <summary>Threads.</summary>
    public int Threads => Directory.EnumerateDirectories($"/proc/{processId}/task").Count();

    private static long Nanoseconds(string task)
    {
        try
        {
            return long.Parse(File.ReadAllText(Path.Combine(task, "schedstat")).Split(' ')[0], CultureInfo.InvariantCulture);
        }
        catch (IOException)
        {
            return 0; // it has just ended
        }
    }
}
