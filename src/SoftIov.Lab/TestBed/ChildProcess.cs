using System.Collections.Concurrent;
using System.Diagnostics;

namespace SoftIov.Lab.TestBed;

/// <summary>
/// Starts processes that the kernel kills when this process ends, however it ends. The parent-death signal (prctl(2)) is sent when the
/// thread that forked ends, so one thread that lives as long as the process starts them all; setpriv(1) asks for the signal.
/// </summary>
public static class ChildProcess
{
    private static readonly BlockingCollection<Action> Requests = StartThread();
    private static readonly string? Setpriv = Subprocess.Find("setpriv");

    /// <summary>Starts <paramref name="start"/>; an error is that of <see cref="Process.Start()"/>.</summary>
    public static Task<Process> StartAsync(ProcessStartInfo start)
    {
        if (Setpriv is not null)
        {
            string[] arguments = ["--pdeathsig", "KILL", "--", start.FileName, .. start.ArgumentList];
            start.FileName = Setpriv;
            start.ArgumentList.Clear();
            foreach (string argument in arguments)
            {
                start.ArgumentList.Add(argument);
            }
        }

        var started = new TaskCompletionSource<Process>(TaskCreationOptions.RunContinuationsAsynchronously);
        Requests.Add(() =>
        {
            try
            {
                started.SetResult(Process.Start(start)!);
            }
            catch (Exception error) when (error is System.ComponentModel.Win32Exception or InvalidOperationException)
            {
                started.SetException(error);
            }
        });
        return started.Task;
    }

    private static BlockingCollection<Action> StartThread()
    {
        var requests = new BlockingCollection<Action>();
        var thread = new Thread(() =>
        {
            foreach (Action request in requests.GetConsumingEnumerable())
            {
                request();
            }
        })
        {
            IsBackground = true,
            Name = "child processes",
        };
        thread.Start();
        return requests;
    }
}
