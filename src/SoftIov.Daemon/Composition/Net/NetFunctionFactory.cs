using SoftIov.Datapath;
using SoftIov.Devices.Virtio;
using SoftIov.Devices.Virtio.Net;
using SoftIov.Memory;
using SoftIov.Pcie;

namespace SoftIov.Daemon.Composition;

/// <summary>
/// Makes the network functions of one adapter. Ports of VFs are in the switch while VF Enable is set; what the operator said of a VF is the
/// adapter's and stays.
/// </summary>
internal sealed class NetFunctionFactory : IVirtualFunctionFactory
{
    private readonly AdapterContext _context;
    private readonly PortPlan _ports;
    private readonly NetFunction?[] _functions;

    /// <summary>A factory for the PF and VFs 0 to <paramref name="totalVfs"/> - 1.</summary>
    public NetFunctionFactory(AdapterContext context, PortPlan ports, int totalVfs)
    {
        _context = context;
        _ports = ports;
        _functions = new NetFunction?[totalVfs];
        Physical = NewFunction(ports.PhysicalSettings, ports.Physical);
        Description = DescribeVirtuals();
    }

    /// <summary>The PF.</summary>
    public NetFunction Physical { get; }

    /// <inheritdoc/>
    public PersonalityDescription Description { get; }

    /// <summary>The function of an enabled VF that somebody touched; null otherwise.</summary>
    public NetFunction? this[int vf] => Volatile.Read(ref _functions[vf]);

    /// <inheritdoc/>
    public void Enabled(int count) => _ports.AddVfs(count);

    /// <inheritdoc/>
    public IPersonality Create(int vf)
    {
        SwitchPort port = _ports.Virtual(vf) ?? throw new InvalidOperationException($"VF {vf} is not enabled.");
        NetFunction function = NewFunction(_ports.SettingsOf(vf), port);
        Volatile.Write(ref _functions[vf], function);
        return function;
    }

    /// <inheritdoc/>
    public void Disabled()
    {
        Array.Clear(_functions);
        _ports.RemoveVfs();
    }

    /// <summary>A network function whose driver's mistakes become events.</summary>
    private NetFunction NewFunction(NetFunctionSettings settings, SwitchPort port)
    {
        var function = new NetFunction(settings, port, _context.Scheduler, _context.States, _context.Time);
        function.Faulted += Report;
        port.ReceiverFaulted += (_, broken) => _context.Events.Publish(
            Api.EventKind.FunctionBroken, settings.Name, $"receiving broke an invariant and was stopped until a reset: {broken.Message}");
        return function;
    }

    /// <summary>Comes from a poller: the event is told by another thread.</summary>
    private void Report(VirtioFault fault) => ThreadPool.UnsafeQueueUserWorkItem(
        static state => state.Events.Publish(Api.EventKind.FunctionBroken, state.Fault.Function, Describe(state.Fault)),
        (_context.Events, Fault: fault),
        preferLocal: false);

    private static string Describe(VirtioFault fault)
    {
        string detail = fault.Reason == VirtioFaultReason.RingError ? $" ({fault.Ring})" : "";
        return $"queue {fault.Queue}: {fault.Reason}{detail}; the device waits for a reset by its driver";
    }

    /// <summary>All VFs have the same face (PCIe 9.3.4.1.1), so one that is asked and thrown away speaks for all.</summary>
    private PersonalityDescription DescribeVirtuals()
    {
        var nowhere = new VirtualSwitch(_context.Time);
        NetFunctionSettings settings = _ports.SettingsOf(0) with { Name = "describe", Interrupts = NetInterrupts.Msix };
        using var one = new NetFunction(
            settings, nowhere.AddFunctionPort(1, VfPolicy.Default), _context.Scheduler, new NativeStateStore(), _context.Time);
        return one.Description;
    }
}
