using System.Diagnostics;
using System.Text;
using SoftIov.Lab.TestBed;

namespace SoftIov.Benchmarks.Peers;

/// <summary>A program that runs beside, what it says, and its end.</summary>
internal sealed class PeerProcess : IDisposable
{
    private readonly Process _process;
    private readonly StringBuilder _said = new();

    private PeerProcess(Process process)
    {
        _process = process;
        _ = HearAsync(process.StandardOutput);
        _ = HearAsync(process.StandardError);
    }

    /// <summary>All it said so far.</summary>
    public string Said
    {
        get
        {
            lock (_said)
                return _said.ToString();
        }
    }

    /// <summary>Starts a command.</summary>
    public static async Task<PeerProcess> StartAsync(IReadOnlyList<string> command) =>
        new(await ChildProcess.StartAsync(Cores.Child(command)));

    /// <summary>Starts one that tells what it does at once to a terminal alone.</summary>
    public static Task<PeerProcess> StartAtTerminalAsync(IReadOnlyList<string> command) =>
        StartAsync(["script", "--quiet", "--flush", "--command", string.Join(' ', command.Select(word => $"'{word}'")), "/dev/null"]);

    /// <summary>Runs a command to its end, which must be a good one.</summary>
    public static async Task RunAsync(params string[] command)
    {
        using PeerProcess process = await StartAsync(command);
        await process._process.WaitForExitAsync();
        if (process._process.ExitCode != 0)
            throw new BedException($"{command.Last(word => !word.StartsWith('-'))} failed: {process.Said}");
    }

    /// <summary>Stands still until <see cref="Resume"/>.</summary>
    public void Pause() => Signal("STOP");

    /// <summary>Goes on.</summary>
    public void Resume() => Signal("CONT");

    /// <summary>Types a line.</summary>
    public void Type(string line)
    {
        _process.StandardInput.WriteLine(line);
        _process.StandardInput.Flush();
    }

    /// <summary>Waits until something is so; not for ever, and not when the program ended.</summary>
    public async Task WaitAsync(string what, Func<bool> isSo)
    {
        for (long since = Stopwatch.GetTimestamp(); !isSo(); await Task.Delay(50))
        {
            if (_process.HasExited || Stopwatch.GetElapsedTime(since) > TimeSpan.FromSeconds(60))
                throw new BedException($"no {what}:\n{Said}");
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        if (!_process.HasExited)
        {
            Resume();
            _process.Kill(entireProcessTree: true);
        }

        _process.WaitForExit();
        _process.Dispose();
    }

    private void Signal(string name)
    {
        using Process kill = Process.Start("kill", ["-s", name, $"{_process.Id}"]);
        kill.WaitForExit();
    }

    /// <summary>Prompts end no line.</summary>
    private async Task HearAsync(StreamReader reader)
    {
        char[] heard = new char[4096];
        while (await reader.ReadAsync(heard) is var count and > 0)
        {
            lock (_said)
                _said.Append(heard, 0, count);
        }
    }
}
