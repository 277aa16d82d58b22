namespace SoftIov.Benchmarks.Net;

/// <summary>Processor time of the thread that polls: what a frame costs, however busy the machine is otherwise.</summary>
internal sealed class PollerClock
{
    private readonly string? _path;

    /// <summary>Finds the poller thread by its name; or takes the calling thread.</summary>
    public PollerClock(bool isOwnThread)
    {
        if (isOwnThread)
        {
            _path = "/proc/thread-self/schedstat";
            return;
        }

        foreach (string task in Directory.EnumerateDirectories("/proc/self/task"))
        {
            if (File.ReadAllText(Path.Combine(task, "comm")).StartsWith("softiov-poll", StringComparison.Ordinal))
                _path = Path.Combine(task, "schedstat");
        }
    }

    /// <summary>Nanoseconds it has run; 0 when there is no such thread.</summary>
    public long Nanoseconds => _path is null ? 0 : long.Parse(File.ReadAllText(_path).Split(' ')[0]);
}
