using System.Diagnostics;
using System.Text;
using SoftIov.Lab.TestBed;

namespace SoftIov.Benchmarks.Peers;

/// <summary>A program that runs beside, what it says, and its end.</summary>
internal sealed class PeerProcess : IDisposable
{
    private readonly Process _process;
    private readonly StringBuilder _said = new();
    private readonly StringBuilder _complained = new();
    private readonly Task _heard;

    private PeerProcess(Process process)
    {
        _process = process;
        _heard = Task.WhenAll(HearAsync(process.StandardOutput, _said), HearAsync(process.StandardError, _complained));
    }

    /// <summary>All it said so far, and after that all it said of errors: the two come in pieces and would cut each other's words.</summary>
    public string Said => Text(_said) + Text(_complained);

    /// <summary>Starts a command.</summary>
    public static async Task<PeerProcess> StartAsync(IReadOnlyList<string> command) =>
        new(await ChildProcess.StartAsync(Cores.Child(command)));

    /// <summary>Starts one that would keep lines back while they go to no terminal.</summary>
    public static Task<PeerProcess> StartLineByLineAsync(IReadOnlyList<string> command) => StartAsync(["stdbuf", "--output=L", .. command]);

    /// <summary>Runs a command to its end, which must be a good one; returns what it said.</summary>
    public static async Task<string> RunAsync(params string[] command)
    {
        using PeerProcess process = await StartAsync(command);
        await process._process.WaitForExitAsync();
        await process._heard;
        return process._process.ExitCode == 0
            ? process.Said
            : throw new BedException($"{command.Last(word => !word.StartsWith('-'))} failed: {process.Said}");
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

    private static string Text(StringBuilder heard)
    {
        lock (heard)
            return heard.ToString();
    }

    /// <summary>Prompts end no line.</summary>
    private static async Task HearAsync(StreamReader reader, StringBuilder all)
    {
        char[] heard = new char[4096];
        while (await reader.ReadAsync(heard) is var count and > 0)
        {
            lock (all)
                all.Append(heard, 0, count);
        }
    }
}
