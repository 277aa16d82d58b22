using SoftIov.Api;
using SoftIov.Lab.TestBed;

namespace SoftIov.Lab.Demo;

/// <summary>The frame of a story with guests in QEMU, which need a kernel and tools that it names. Each step needs those before it.</summary>
internal abstract class MachineStory<TSummary>(DemoStage stage, TSummary nothing, GuestKernel kernel, GuestTools tools)
    : DemoStory<TSummary>(stage, nothing)
    where TSummary : DemoSummary
{
    private static readonly TimeSpan CommandLimit = TimeSpan.FromMinutes(2);

    private readonly List<VirtualMachine> _guests = [];
    private readonly Lock _lock = new();
    private VmBed? _bed;

    /// <summary>Memory of a guest, in MiB.</summary>
    protected const int GuestMegabytes = 512;

    /// <summary>Release of the guests' kernel.</summary>
    protected string KernelRelease => _bed!.KernelRelease(kernel);

    /// <inheritdoc/>
    public override async Task<string> DescribeGuestsAsync()
    {
        IEnumerable<Task<string>> said = _guests.Select(guest => guest.DescribeAsync());
        return string.Join('\n', await Task.WhenAll(said).ConfigureAwait(false));
    }

    /// <inheritdoc/>
    protected override async Task<string> PrepareAsync()
    {
        _bed = await VmBed.PrepareAsync(new BedReports(Output.Report), Cancelled, tools, kernel).ConfigureAwait(false);
        return _bed.Describe(kernel);
    }

    /// <summary>Boots a guest with what a target names.</summary>
    protected async Task<VirtualMachine> BootAsync(string name, AttachRequest target)
    {
        AttachResult attach = await Client.AttachAsync(target, Cancelled).ConfigureAwait(false);
        var options = new VirtualMachineOptions
        {
            Name = name,
            Kernel = kernel,
            MemoryMegabytes = GuestMegabytes,
            Devices = [new VfioUserDevice(attach.DeviceId, attach.Socket)],
        };
        VirtualMachine guest = await _bed!.StartAsync(options, Cancelled).ConfigureAwait(false);
        lock (_lock)
            _guests.Add(guest);
        return guest;
    }

    /// <summary>What a command in a guest prints.</summary>
    protected async Task<string> InGuestAsync(VirtualMachine guest, string command) =>
        (await guest.CheckAsync(command, CommandLimit, Cancelled).ConfigureAwait(false)).Trim();

    /// <inheritdoc/>
    protected override async Task EndGuestsAsync()
    {
        foreach (VirtualMachine guest in _guests)
            await guest.DisposeAsync().ConfigureAwait(false);
    }
}
