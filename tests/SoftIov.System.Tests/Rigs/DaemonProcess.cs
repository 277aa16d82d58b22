using System.Diagnostics;
using System.Text;
using SoftIov.Api;
using SoftIov.Lab.TestBed;

namespace SoftIov.SystemTests.Rigs;

/// <summary>A real daemon, <c>./softiov serve</c>, in a folder of its own, and a control connection to it.</summary>
internal sealed class DaemonProcess : IAsyncDisposable
{
    private static readonly TimeSpan StartTimeout = TimeSpan.FromMinutes(3); // it may have to be built
    private static readonly TimeSpan StopTimeout = TimeSpan.FromSeconds(20);

    private readonly DirectoryInfo _folder;
    private readonly string _states;
    private readonly StringBuilder _log;
    private Process _process;

    private DaemonProcess(DirectoryInfo folder, string states, Process process, StringBuilder log, ControlClient client)
    {
        _folder = folder;
        _states = states;
        _process = process;
        _log = log;
        Client = client;
    }

    /// <summary>Control connection.</summary>
    public ControlClient Client { get; private set; }

    /// <summary>Path of the control socket.</summary>
    public string Socket => SocketIn(_folder);

    /// <summary>Folder for files of a test.</summary>
    public string Folder => _folder.FullName;

    /// <summary>Process id.</summary>
    public int ProcessId => _process.Id;

    /// <summary>Whether it runs.</summary>
    public bool IsRunning => !_process.HasExited;

    /// <summary>CPU time it has used.</summary>
    public TimeSpan CpuTime
    {
        get
        {
            _process.Refresh();
            return _process.TotalProcessorTime;
        }
    }

    /// <summary>What it logged.</summary>
    public string Log
    {
        get
        {
            lock (_log)
                return _log.ToString();
        }
    }

    /// <summary>
    /// Starts it with a configuration and waits until it answers. What it saves goes into <paramref name="stateFolder"/>, for a daemon after it;
    /// by default it is gone with this one.
    /// </summary>
    public static async Task<DaemonProcess> StartAsync(string configuration, string? stateFolder = null)
    {
        DirectoryInfo folder = Directory.CreateTempSubdirectory("softiov-");
        await File.WriteAllTextAsync(ConfigurationIn(folder), configuration);
        var log = new StringBuilder();
        string states = stateFolder ?? folder.FullName;
        Process process = await StartProcessAsync(folder, states, log);
        ControlClient client = await ConnectAsync(SocketIn(folder), process, log);
        var daemon = new DaemonProcess(folder, states, process, log, client);
        await daemon.WaitUntilAppliedAsync();
        return daemon;
    }

    /// <summary>Runs <c>softiov</c>.</summary>
    public Task<CommandResult> RunAsync(params string[] arguments) => SoftIovCommand.RunAsync(Socket, arguments);

    /// <summary>Runs <c>softiov</c>, which must succeed; returns what it printed.</summary>
    public async Task<string> CheckAsync(params string[] arguments)
    {
        CommandResult result = await RunAsync(arguments);
        Assert.True(result.ExitCode == 0, $"softiov {string.Join(' ', arguments)}: exit code {result.ExitCode}: {result.Errors}");
        return result.Output;
    }

    /// <summary>A network function as it is now.</summary>
    public async Task<NetFunctionStatus> GetAsync(string target) => (NetFunctionStatus)await FunctionAsync(target);

    /// <summary>A function as it is now.</summary>
    public async Task<FunctionStatus> FunctionAsync(string target) =>
        (await Client.GetAsync(target)).Adapters.Single().Functions.Single();

    /// <summary>Waits until a network function is as wanted.</summary>
    public Task<NetFunctionStatus> WaitForAsync(string target, Func<NetFunctionStatus, bool> wanted, string what) =>
        Eventually.GetAsync(() => GetAsync(target), wanted, $"{target}: {what}");

    /// <summary>Ends it as service managers do; returns its exit code.</summary>
    public async Task<int> TerminateAsync()
    {
        using Process kill = Process.Start("kill", ["-TERM", ProcessId.ToString(System.Globalization.CultureInfo.InvariantCulture)]);
        await _process.WaitForExitAsync().WaitAsync(StopTimeout);
        return _process.ExitCode;
    }

    /// <summary>Ends it, by SIGTERM or SIGKILL, and starts another one with the same configuration.</summary>
    public async Task RestartAsync(bool isKilled)
    {
        if (isKilled)
            Kill();
        else
            Assert.Equal(0, await TerminateAsync());
        await _process.WaitForExitAsync();
        await Client.DisposeAsync();
        _process.Dispose();
        _process = await StartProcessAsync(_folder, _states, _log);
        Client = await ConnectAsync(Socket, _process, _log);
        await WaitUntilAppliedAsync();
    }

    /// <summary>Kills it with SIGKILL.</summary>
    public void Kill() => _process.Kill();

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        await Client.DisposeAsync();
        if (!_process.HasExited)
        {
            _process.Kill();
            await _process.WaitForExitAsync();
        }

        _process.Dispose();
        _folder.Delete(recursive: true);
    }

    // It answers before it has read its configuration, and before it has made all that this wants.
    private async Task WaitUntilAppliedAsync()
    {
        DesiredState desired = await Eventually.GetAsync(
            () => Client.GetDesiredAsync(), wanted => wanted.Adapters.Count > 0, "a configuration");
        foreach (AdapterSpec adapter in desired.Adapters)
        {
            await Eventually.GetAsync(
                async () => (await Client.GetAsync()).Adapters.SingleOrDefault(one => one.Name == adapter.Name),
                made => made?.NumVfs == adapter.NumVfs && made.Functions.Count == adapter.NumVfs + 1 &&
                    (made as NetAdapterStatus)?.Uplink.Kind == (adapter as NetAdapterSpec)?.Uplink.Kind,
                $"adapter {adapter.Name}");
        }
    }

    private static async Task<Process> StartProcessAsync(DirectoryInfo folder, string states, StringBuilder log)
    {
        string[] arguments =
        [
            "serve", "--config", ConfigurationIn(folder), "--socket", SocketIn(folder),
            "--state-dir", states, "--runtime-dir", folder.FullName,
        ];
        var start = new ProcessStartInfo(SoftIovCommand.Path, arguments) { RedirectStandardOutput = true, RedirectStandardError = true };
        Process process = await ChildProcess.StartAsync(start);
        _ = CollectAsync(process.StandardError, log);
        _ = CollectAsync(process.StandardOutput, log);
        return process;
    }

    private static string ConfigurationIn(DirectoryInfo folder) => Path.Combine(folder.FullName, "config.yaml");

    private static string SocketIn(DirectoryInfo folder) => Path.Combine(folder.FullName, "control.sock");

    private static async Task<ControlClient> ConnectAsync(string socket, Process process, StringBuilder log)
    {
        long end = Environment.TickCount64 + (long)StartTimeout.TotalMilliseconds;
        while (true)
        {
            try
            {
                return await ControlClient.ConnectAsync(socket);
            }
            catch (ControlException) when (!process.HasExited && Environment.TickCount64 < end)
            {
                await Task.Delay(100);
            }
            catch (ControlException error)
            {
                throw new InvalidOperationException($"the daemon did not start: {log}", error);
            }
        }
    }

    private static async Task CollectAsync(StreamReader reader, StringBuilder log)
    {
        while (await reader.ReadLineAsync() is { } line)
        {
            lock (log)
                log.AppendLine(line);
        }
    }
}
