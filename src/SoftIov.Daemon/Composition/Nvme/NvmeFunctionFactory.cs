using SoftIov.Api;
using SoftIov.Devices.Nvme;
using SoftIov.Memory;
using SoftIov.Pcie;

namespace SoftIov.Daemon.Composition;

/// <summary>
/// Makes the controllers of one adapter. A VF's controller goes when VF Enable goes to 0; what the operator said of the VF and which namespaces
/// it has are the adapter's and stay.
/// </summary>
internal sealed class NvmeFunctionFactory : IVirtualFunctionFactory
{
    private const long Megabyte = 1_000_000;

    private readonly AdapterContext _context;
    private readonly NvmeAdapterSpec _spec;
    private readonly NvmeSubsystem _subsystem;
    private readonly Func<int, NvmeVfSpec> _policies;
    private readonly NvmeFunction?[] _functions;

    /// <summary>A factory for the PF and its VFs, which has what the operator wants of a VF from <paramref name="policies"/>.</summary>
    public NvmeFunctionFactory(AdapterContext context, NvmeAdapterSpec spec, NvmeSubsystem subsystem, Func<int, NvmeVfSpec> policies)
    {
        _context = context;
        _spec = spec;
        _subsystem = subsystem;
        _policies = policies;
        _functions = new NvmeFunction?[spec.TotalVfs];

        // All VFs have the same face (PCIe 9.3.4.1.1), so one that is asked and thrown away speaks for all.
        using (var one = new NvmeFunction(SettingsOf(0, InterruptMode.Msix), subsystem, context.Scheduler, new NativeStateStore(), context.Time))
            Description = one.Description;
        Physical = NewFunction(SettingsOf(null, InterruptMode.Msix));
    }

    /// <summary>The PF.</summary>
    public NvmeFunction Physical { get; }

    /// <inheritdoc/>
    public PersonalityDescription Description { get; }

    /// <summary>The controller of an enabled VF that somebody touched; null otherwise.</summary>
    public NvmeFunction? this[int vf] => Volatile.Read(ref _functions[vf]);

    /// <inheritdoc/>
    public IPersonality Create(int vf)
    {
        NvmeVfSpec policy = _policies(vf);
        NvmeFunction function = NewFunction(SettingsOf(vf, policy.Interrupts));
        Limit(function, policy);
        Volatile.Write(ref _functions[vf], function);
        return function;
    }

    /// <inheritdoc/>
    public void Enabled(int count) => _subsystem.Secondaries.VfsEnabled(count);

    /// <inheritdoc/>
    public void Disabled()
    {
        Array.Clear(_functions);
        _subsystem.Secondaries.VfsEnabled(0);
    }

    /// <summary>Ceilings of a VF changed.</summary>
    public void Limit(int vf, NvmeVfSpec policy)
    {
        if (this[vf] is { } function)
            Limit(function, policy);
    }

    private static void Limit(NvmeFunction function, NvmeVfSpec policy)
    {
        function.Limits.CommandsPerSecond = policy.Iops;
        function.Limits.BytesPerSecond = policy.BandwidthMegabytes * Megabyte;
    }

    private NvmeFunctionSettings SettingsOf(int? vf, InterruptMode interrupts) => new()
    {
        Name = $"{_spec.Name}/{(vf is { } number ? number : "pf")}",
        Vf = vf,
        QueuePairs = _spec.QueuePairs,
        Interrupts = interrupts switch
        {
            InterruptMode.Msi => NvmeInterrupts.Msi,
            InterruptMode.Intx => NvmeInterrupts.Intx,
            _ => NvmeInterrupts.Msix,
        },
        Doorbells = _spec.Doorbells == NvmeDoorbells.Shared ? DoorbellMode.Shared : DoorbellMode.Trapped,
    };

    /// <summary>A controller whose driver's fatal mistakes become events.</summary>
    private NvmeFunction NewFunction(NvmeFunctionSettings settings)
    {
        var function = new NvmeFunction(settings, _subsystem, _context.Scheduler, _context.States, _context.Time);
        function.Failed += reason => _context.PublishLater(
            EventKind.FunctionBroken, settings.Name, $"{reason}; the controller waits for a reset by its driver (CSTS.CFS)");
        return function;
    }
}
