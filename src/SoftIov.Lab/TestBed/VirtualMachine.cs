using System.Diagnostics;
using System.Text.Json.Nodes;
using SoftIov.Api;

namespace SoftIov.Lab.TestBed;

/// <summary>
/// A QEMU with a small Linux guest and a channel for commands. It never outlives this process. Members may be called from any thread;
/// those that change the machine's life, one at a time.
/// </summary>
public sealed partial class VirtualMachine : IAsyncDisposable
{
    private static readonly TimeSpan BootTimeout = TimeSpan.FromSeconds(120);
    private static readonly TimeSpan QuitTimeout = TimeSpan.FromSeconds(10);

    private readonly Process _process;
    private readonly MachineFiles _files;
    private readonly GuestAgent _agent;
    private readonly TailLog _errors = new();
    private readonly SemaphoreSlim _monitorTurn = new(1, 1);
    private QmpConnection? _monitor;

    private VirtualMachine(VirtualMachineOptions options, Process process, MachineFiles files, GuestAgent agent)
    {
        Options = options;
        _process = process;
        _files = files;
        _agent = agent;
        _ = _errors.FollowAsync(process.StandardError);
    }

    /// <summary>What it was made of.</summary>
    public VirtualMachineOptions Options { get; }

    /// <summary>Name for messages.</summary>
    public string Name => Options.Name;

    /// <summary>A QMP socket for other programs; this class uses another one.</summary>
    public string QmpSocket => _files.OthersMonitor;

    /// <summary>Process id of QEMU.</summary>
    public int ProcessId => _process.Id;

    /// <summary>Whether QEMU has ended.</summary>
    public bool HasExited => _process.HasExited;

    /// <summary>CPU time QEMU has used.</summary>
    public TimeSpan CpuTime
    {
        get
        {
            _process.Refresh();
            return _process.TotalProcessorTime;
        }
    }

    /// <summary>The last lines QEMU printed.</summary>
    public string QemuErrors => _errors.ToString();

    /// <summary>What the guest's firmware, kernel and first process printed.</summary>
    public string ConsoleLog => File.Exists(_files.Console) ? File.ReadAllText(_files.Console) : "";

    /// <summary>Kills QEMU with SIGKILL, as a crash or an out-of-memory killer would.</summary>
    public void Kill()
    {
        _process.Kill();
        _process.WaitForExit();
    }

    /// <summary>Resets the machine as its reset button would and waits until the guest is up again.</summary>
    public Task ResetAsync(CancellationToken cancellationToken = default)
    {
        _agent.ExpectBoot();
        return BootAsync(ExecuteQmpAsync("system_reset", null, cancellationToken), "after a reset", cancellationToken);
    }

    /// <summary>
    /// Resets the machine and with that takes out a device that its guest does not let go, as one whose server is gone; waits until the guest is
    /// up again. The machine stands still until the device is gone: firmware that maps memory before makes QEMU abort.
    /// </summary>
    public Task ResetWithoutAsync(string device, CancellationToken cancellationToken = default)
    {
        _agent.ExpectBoot();
        return BootAsync(TakeOutAsync(device, cancellationToken), $"after a reset without {device}", cancellationToken);
    }

    /// <summary>Lets the guest reboot itself and waits until it is up again.</summary>
    public Task RebootAsync(CancellationToken cancellationToken = default)
    {
        _agent.ExpectBoot();
        return BootAsync(RunUntilBootAsync("reboot -f", cancellationToken), "after a reboot", cancellationToken);
    }

    /// <summary>Ends QEMU in an orderly way (it detaches its devices); one that does not end is killed.</summary>
    public async Task QuitAsync(CancellationToken cancellationToken = default)
    {
        try
        {
            await ExecuteQmpAsync("quit", null, cancellationToken).ConfigureAwait(false);
            await _process.WaitForExitAsync(cancellationToken).WaitAsync(QuitTimeout, cancellationToken).ConfigureAwait(false);
        }
        catch (Exception error) when (error is ControlException or TimeoutException)
        {
            Kill();
        }
    }

    /// <summary>Runs a command of QEMU's monitor; errors are <see cref="ControlException"/>s with QEMU's words.</summary>
    public async Task<JsonNode?> ExecuteQmpAsync(string command, JsonObject? arguments, CancellationToken cancellationToken = default)
    {
        await _monitorTurn.WaitAsync(cancellationToken).ConfigureAwait(false);
        try
        {
            _monitor ??= await QmpConnection.ConnectAsync(_files.OwnMonitor, cancellationToken).ConfigureAwait(false);
            return await _monitor.ExecuteAsync(command, arguments, cancellationToken).ConfigureAwait(false);
        }
        finally
        {
            _monitorTurn.Release();
        }
    }

    private async Task TakeOutAsync(string device, CancellationToken cancellationToken)
    {
        await ExecuteQmpAsync("stop", null, cancellationToken).ConfigureAwait(false);
        await ExecuteQmpAsync("device_del", new JsonObject { ["id"] = device }, cancellationToken).ConfigureAwait(false);
        await ExecuteQmpAsync("system_reset", null, cancellationToken).ConfigureAwait(false);
        await _monitor!.WaitForEventAsync(
            (name, data) => name == "DEVICE_DELETED" && data["device"]?.GetValue<string>() == device, QuitTimeout, cancellationToken)
            .ConfigureAwait(false);
        await ExecuteQmpAsync("cont", null, cancellationToken).ConfigureAwait(false);
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        if (!_process.HasExited)
        {
            Kill();
        }

        if (_monitor is not null)
        {
            await _monitor.DisposeAsync().ConfigureAwait(false);
        }

        _agent.Dispose();
        _process.Dispose();
        _files.Dispose();
    }

    /// <summary>Starts QEMU and waits until the guest takes commands.</summary>
    internal static async Task<VirtualMachine> StartAsync(
        QemuProgram qemu,
        GuestBoot boot,
        Accelerator accelerator,
        VirtualMachineOptions options,
        TimeSpan? bootTimeout,
        CancellationToken cancellationToken)
    {
        var files = new MachineFiles();
        var agent = new GuestAgent(files.AgentSocket);
        IReadOnlyList<string> arguments = QemuCommandLine.Build(boot, accelerator, options, files);
        var start = new ProcessStartInfo(qemu.Command[0], [.. qemu.Command.Skip(1), .. arguments]) { RedirectStandardError = true };
        Process process;
        try
        {
            process = await ChildProcess.StartAsync(start).ConfigureAwait(false);
        }
        catch
        {
            agent.Dispose();
            files.Dispose();
            throw;
        }

        var machine = new VirtualMachine(options, process, files, agent);
        try
        {
            Task up = options.IsIncoming || !options.HasGuest
                ? machine.WaitForMonitorAsync(bootTimeout ?? BootTimeout, cancellationToken)
                : machine.BootAsync(Task.CompletedTask, "", cancellationToken, bootTimeout);
            await up.ConfigureAwait(false);
            return machine;
        }
        catch
        {
            await machine.DisposeAsync().ConfigureAwait(false);
            throw;
        }
    }

    private async Task BootAsync(Task cause, string when, CancellationToken cancellationToken, TimeSpan? timeout = null)
    {
        try
        {
            await cause.ConfigureAwait(false);
            Task ended = _process.WaitForExitAsync(cancellationToken);
            Task<string> ready = _agent.Ready;
            await Task.WhenAny(ready, ended).WaitAsync(timeout ?? BootTimeout, cancellationToken).ConfigureAwait(false);
            if (!ready.IsCompletedSuccessfully)
            {
                cancellationToken.ThrowIfCancellationRequested();
                throw new BedException($"QEMU ended before the guest of {Name} was up {when}\n{Logs()}");
            }
        }
        catch (TimeoutException error)
        {
            throw new BedException($"the guest of {Name} did not come up {when}\n{Logs()}", null, error);
        }
    }
}
