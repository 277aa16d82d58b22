using System.Text;
using SoftIov.Api;
using SoftIov.Lab.TestBed;
using SoftIov.SystemTests.Bed;
using Xunit.Sdk;

namespace SoftIov.SystemTests.Rigs;

/// <summary>A daemon and the virtual machines of some tests, with all their logs when a test fails.</summary>
internal sealed class Rig(VmBed bed, DaemonProcess daemon) : IAsyncDisposable
{
    private const int ShownLogCharacters = 6000;
    private readonly List<VirtualMachine> _machines = [];

    /// <summary>The daemon.</summary>
    public DaemonProcess Daemon { get; } = daemon;

    /// <summary>Where machines come from.</summary>
    public VmBed Bed { get; } = bed;

    /// <summary>Starts a daemon with <paramref name="configuration"/>.</summary>
    public static async Task<Rig> StartAsync(BedFixture fixture, string configuration) =>
        new(fixture.Bed, await DaemonProcess.StartAsync(configuration));

    /// <summary>Boots a machine with the named functions (net0/0), or an adapter that is served whole (net0), from the start.</summary>
    public Task<VirtualMachine> BootAsync(VirtualMachineOptions options, params string[] targets) => BootAsync(Bed, options, targets);

    /// <summary>The same with another bed.</summary>
    public async Task<VirtualMachine> BootAsync(VmBed from, VirtualMachineOptions options, params string[] targets)
    {
        var devices = new List<VfioUserDevice>();
        foreach (string target in targets)
        {
            AdapterStatus adapter = (await Daemon.Client.GetAsync(target)).Adapters.Single();
            string socket = adapter.WholeSocket ?? adapter.Functions.Single().Socket!;
            devices.Add(new VfioUserDevice($"softiov-{target.Replace('/', '-')}", socket));
        }

        VirtualMachine machine = await from.StartAsync(options with { Devices = devices });
        _machines.Add(machine);
        return machine;
    }

    /// <summary>The interface that a function is in a guest; waits until the guest has it.</summary>
    public async Task<GuestNic> FindNicAsync(VirtualMachine machine, string target) =>
        await GuestNic.FindAsync(machine, (await Daemon.GetAsync(target)).Mac);

    /// <summary>Runs the body of a test; what it throws is told together with all logs.</summary>
    public async Task RunAsync(Func<Task> body)
    {
        try
        {
            await body();
        }
        catch (Exception error)
        {
            throw new XunitException($"{error.Message}\n{error.StackTrace}\n{await DescribeAsync()}", error);
        }
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        foreach (VirtualMachine machine in _machines)
            await machine.DisposeAsync();
        await Daemon.DisposeAsync();
    }

    private async Task<string> DescribeAsync()
    {
        string log = Daemon.Log;
        var text = new StringBuilder("--- daemon\n").Append(log.AsSpan(Math.Max(0, log.Length - ShownLogCharacters))).Append('\n');
        if (Daemon.IsRunning)
        {
            text.AppendLine((await Daemon.RunAsync("get")).Output);
            foreach (FunctionStats one in (await Daemon.Client.GetStatsAsync()).Functions)
                text.Append(one.Target).Append(' ').Append(one.Counters).AppendLine();
        }

        foreach (VirtualMachine machine in _machines)
            text.AppendLine(await machine.DescribeAsync());
        return text.ToString();
    }
}
