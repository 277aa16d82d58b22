using SoftIov.Lab.Demo;
using SoftIov.Lab.TestBed;

namespace SoftIov.Lab.Guests;

/// <summary>Makes guests that are Linux in QEMU, from the test bed (docs/guide/test-bed.md).</summary>
internal sealed class QemuGuestMaker : IGuestMaker
{
    private VmBed? _bed;

    /// <inheritdoc/>
    public string Kind => "qemu";

    /// <inheritdoc/>
    public DemoTimes Times { get; init; } =
        new(Stream: TimeSpan.FromSeconds(5), Settle: TimeSpan.FromSeconds(2), Idle: TimeSpan.FromSeconds(5));

    /// <inheritdoc/>
    public async Task<string> PrepareAsync(Action<string> report, CancellationToken cancellationToken)
    {
        try
        {
            _bed = await VmBed.PrepareAsync(new BedReports(report), cancellationToken).ConfigureAwait(false);
        }
        catch (BedException error)
        {
            throw new DemoException(error.Message, "or go without QEMU: softiov demo --guests in-process", error);
        }

        return _bed.Describe(GuestKernel.Stable);
    }

    /// <inheritdoc/>
    public async Task<IDemoGuest> BootAsync(GuestPlan plan, CancellationToken cancellationToken)
    {
        VmBed bed = _bed ?? throw new InvalidOperationException("the bed is not prepared");
        var options = new VirtualMachineOptions { Name = plan.Name, Devices = [new VfioUserDevice("vf0", plan.Socket)] };
        VirtualMachine machine = await bed.StartAsync(options, cancellationToken).ConfigureAwait(false);
        var guest = new QemuGuest(machine);
        try
        {
            await guest.SetUpAsync(plan.Addresses, cancellationToken).ConfigureAwait(false);
            return guest;
        }
        catch
        {
            await guest.DisposeAsync().ConfigureAwait(false);
            throw;
        }
    }
}
