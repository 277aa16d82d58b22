using System.Text.Json.Nodes;
using SoftIov.Api;

namespace SoftIov.Lab.TestBed;

/// <content>Moving a guest that runs to another QEMU.</content>
public sealed partial class VirtualMachine
{
    private static readonly TimeSpan MigrationTimeout = TimeSpan.FromSeconds(180);
    private static readonly TimeSpan MonitorInterval = TimeSpan.FromMilliseconds(100);

    /// <summary>
    /// Moves the running guest to a machine that was started for it with the same devices (<see cref="VirtualMachineOptions.IsIncoming"/>).
    /// Commands that run in the guest end there and are not answered; new ones are for the destination.
    /// </summary>
    public async Task<MigrationResult> MigrateToAsync(VirtualMachine destination, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(destination);
        string address = $"unix:{destination._files.MigrationSocket}";
        await destination.ExecuteQmpAsync("migrate-incoming", new JsonObject { ["uri"] = address }, cancellationToken).ConfigureAwait(false);
        await ExecuteQmpAsync("migrate", new JsonObject { ["uri"] = address }, cancellationToken).ConfigureAwait(false);
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        limit.CancelAfter(MigrationTimeout);
        while (true)
        {
            JsonNode? state = await ExecuteQmpAsync("query-migrate", null, limit.Token).ConfigureAwait(false);
            switch (state?["status"]?.GetValue<string>())
            {
                case "completed":
                    return new MigrationResult(Milliseconds(state["total-time"]), Milliseconds(state["downtime"]), Bytes(state["ram"]));
                case "failed" or "cancelled":
                    throw new BedException(
                        $"{Name} did not move to {destination.Name}: {state["error-desc"]}\n{QemuErrors}\n{destination.QemuErrors}");
            }

            await Task.Delay(MonitorInterval, limit.Token).ConfigureAwait(false);
        }
    }

    private static TimeSpan Milliseconds(JsonNode? number) => TimeSpan.FromMilliseconds(number?.GetValue<long>() ?? 0);

    private static long Bytes(JsonNode? memory) => memory?["transferred"]?.GetValue<long>() ?? 0;

    private async Task WaitForMonitorAsync(TimeSpan atMost, CancellationToken cancellationToken)
    {
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        limit.CancelAfter(atMost);
        while (true)
        {
            try
            {
                await ExecuteQmpAsync("query-status", null, limit.Token).ConfigureAwait(false);
                return;
            }
            catch (ControlException) when (!HasExited)
            {
                await Task.Delay(MonitorInterval, limit.Token).ConfigureAwait(false);
            }
            catch (ControlException error)
            {
                throw new BedException($"QEMU ended before {Name} took a guest\n{Logs()}", null, error);
            }
        }
    }
}
