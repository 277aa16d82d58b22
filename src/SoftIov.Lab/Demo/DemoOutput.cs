using System.Diagnostics;
using System.Globalization;
using SoftIov.Api;
using SoftIov.Lab.TestBed;

namespace SoftIov.Lab.Demo;

/// <summary>
/// Shows the demo live: a line a step, with a mark, its time and what was found. On a terminal the running step shows how it goes.
/// </summary>
internal sealed class DemoOutput : IDisposable
{
    private const int NameWidth = 26;
    private const int TerminalWidth = 79;
    private const string ClearLine = "\r\e[K";
    private const string Green = "\e[32m";
    private const string Red = "\e[31m";
    private const string Dim = "\e[2m";
    private const string Plain = "\e[0m";
    private static readonly TimeSpan Tick = TimeSpan.FromSeconds(0.5);
    private static readonly TimeSpan QuietBetweenReports = TimeSpan.FromSeconds(5);

    private readonly DemoOptions _options;
    private readonly TextWriter _text;
    private readonly List<string> _failed = [];
    private readonly List<string> _details = [];
    private readonly Lock _lock = new();
    private readonly Timer _ticker;
    private string? _running;
    private string _report = "";
    private long _started;
    private long _reported;

    public DemoOutput(DemoOptions options)
    {
        _options = options;
        _text = options.Json ? options.Error : options.Output;
        _ticker = new Timer(_ => ShowRunning(), null, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
        if (options.IsInteractive)
            _ticker.Change(Tick, Tick);
    }

    /// <summary>Names of steps that did not hold.</summary>
    public IReadOnlyList<string> Failed => _failed;

    /// <summary>
    /// Runs a step, which returns what it found in a few words; whether it held. Cancelling is not a failure and goes on to the caller.
    /// </summary>
    public async Task<bool> StepAsync(string name, Func<Task<string>> step)
    {
        Begin(name);
        try
        {
            string found = await step().ConfigureAwait(false);
            End(name, holds: true, found, fix: null);
            return true;
        }
        catch (DemoException error)
        {
            End(name, holds: false, error.Message, error.Fix);
        }
        catch (ControlException error)
        {
            End(name, holds: false, error.Message, error.Details.Errors is [{ Fix: { } fix }, ..] ? fix : null);
        }
        catch (Exception error) when (error is IOException or TimeoutException or BedException or System.ComponentModel.Win32Exception)
        {
            End(name, holds: false, error.Message, fix: null);
        }
        catch (OperationCanceledException)
        {
            Interrupt();
            throw;
        }

        _failed.Add(name);
        return false;
    }

    /// <summary>How the running step goes.</summary>
    public void Report(string text)
    {
        lock (_lock)
        {
            if (_running is null || text == _report)
                return;

            _report = text;
            if (!_options.IsInteractive && Stopwatch.GetElapsedTime(_reported) > QuietBetweenReports)
            {
                _reported = Stopwatch.GetTimestamp();
                Line($"    {_running}: {text}");
            }
        }

        ShowRunning();
    }

    /// <summary>A line that is to stand below the running step.</summary>
    public void Detail(string text)
    {
        lock (_lock)
            _details.Add(text);
    }

    /// <summary>A line on its own.</summary>
    public void Line(string text = "")
    {
        _text.WriteLine(text);
        _text.Flush();
    }

    /// <inheritdoc/>
    public void Dispose() => _ticker.Dispose();

    private void Begin(string name)
    {
        lock (_lock)
        {
            _running = name;
            _report = "";
            _started = Stopwatch.GetTimestamp();
            _reported = 0;
        }

        ShowRunning();
    }

    private void End(string name, bool holds, string found, string? fix)
    {
        string time = string.Create(CultureInfo.InvariantCulture, $"{Stopwatch.GetElapsedTime(_started).TotalSeconds,6:0.00} s");
        string mark = holds ? Colored("✓", Green) : Colored("✗", Red);
        lock (_lock)
        {
            _running = null;
            string clear = _options.IsInteractive ? ClearLine : "";
            string[] lines = found.TrimEnd().Split('\n');
            Line($"{clear}{mark} {name.PadRight(NameWidth)} {Colored(time, Dim)}  {lines[0]}");
            foreach (string detail in (IEnumerable<string>)[.. lines[1..], .. _details])
                Line(Colored($"      {detail}", Dim));
            _details.Clear();
            if (fix is not null)
                Line($"      fix: {fix}");
        }
    }

    private void Interrupt()
    {
        lock (_lock)
        {
            _running = null;
            if (_options.IsInteractive)
                _text.Write(ClearLine);
            _details.Clear();
        }
    }

    private void ShowRunning()
    {
        lock (_lock)
        {
            if (_running is null || !_options.IsInteractive)
                return;

            string time = string.Create(CultureInfo.InvariantCulture, $"{Stopwatch.GetElapsedTime(_started).TotalSeconds,4:0} s  ");
            string line = $"  {_running.PadRight(NameWidth)}   {time}  {_report}";
            _text.Write(ClearLine + line[..Math.Min(line.Length, TerminalWidth)]);
            _text.Flush();
        }
    }

    private string Colored(string text, string color) => _options.HasColor ? $"{color}{text}{Plain}" : text;
}
