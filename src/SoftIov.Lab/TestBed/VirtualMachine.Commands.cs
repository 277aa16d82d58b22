using SoftIov.Api;

namespace SoftIov.Lab.TestBed;

/// <content>Commands in the guest, hot-plug, and what to show when something failed.</content>
public sealed partial class VirtualMachine
{
    private static readonly TimeSpan CommandTimeout = TimeSpan.FromSeconds(60);
    private static readonly TimeSpan LogTimeout = TimeSpan.FromSeconds(15);
    private const int ShownConsoleLines = 60;

    /// <summary>
    /// Runs a shell command in the guest (60 s if not told otherwise). Commands run beside each other; what one leaves in the background
    /// goes on.
    /// </summary>
    public async Task<GuestResult> RunAsync(string command, TimeSpan? timeout = null, CancellationToken cancellationToken = default)
    {
        TimeSpan longest = timeout ?? CommandTimeout;
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        limit.CancelAfter(longest);
        try
        {
            return await _agent.RunAsync(command, limit.Token).ConfigureAwait(false);
        }
        catch (OperationCanceledException error) when (!cancellationToken.IsCancellationRequested)
        {
            throw new BedException($"{Name}: '{command}' did not end within {longest.TotalSeconds} s\n{Logs()}", null, error);
        }
    }

    /// <summary>As <see cref="RunAsync"/>, but an exit code other than 0 is a <see cref="BedException"/>; returns the output.</summary>
    public async Task<string> CheckAsync(string command, TimeSpan? timeout = null, CancellationToken cancellationToken = default)
    {
        GuestResult result = await RunAsync(command, timeout, cancellationToken).ConfigureAwait(false);
        return result.Succeeded
            ? result.Output
            : throw new BedException($"{Name}: '{command}' failed (exit code {result.ExitCode}): {result.Output.TrimEnd()}");
    }

    /// <summary>Plugs a function into a free root port of the running machine.</summary>
    public async Task HotPlugAsync(VfioUserDevice device, CancellationToken cancellationToken = default)
    {
        QmpConnection monitor = await QmpConnection.ConnectAsync(QmpSocket, cancellationToken).ConfigureAwait(false);
        await using (monitor.ConfigureAwait(false))
        {
            await QemuHotPlug.AddAsync(monitor, device.Id, device.Socket, [], cancellationToken).ConfigureAwait(false);
        }
    }

    /// <summary>The guest's kernel log, its console and QEMU's messages, for a failed test's output; never fails.</summary>
    public async Task<string> DescribeAsync()
    {
        string kernelLog = "";
        if (!HasExited)
        {
            try
            {
                kernelLog = (await RunAsync("dmesg | tail -n 60; ip -s link; ip addr", LogTimeout).ConfigureAwait(false)).Output;
            }
            catch (BedException error)
            {
                kernelLog = error.Message;
            }
        }

        return $"{Logs()}\n--- {Name}: dmesg and links\n{kernelLog}";
    }

    private string Logs()
    {
        string console = string.Join('\n', ConsoleLog.TrimEnd().Split('\n').TakeLast(ShownConsoleLines));
        return $"--- {Name}: QEMU\n{QemuErrors}\n--- {Name}: console\n{console}";
    }

    // The command never answers: its guest is gone before.
    private async Task RunUntilBootAsync(string command, CancellationToken cancellationToken)
    {
        try
        {
            await _agent.RunAsync(command, cancellationToken).ConfigureAwait(false);
        }
        catch (BedException)
        {
            // It has booted again, or QEMU has ended; the caller sees which.
        }
    }
}
