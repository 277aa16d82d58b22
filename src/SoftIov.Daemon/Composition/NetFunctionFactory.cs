using SoftIov.Datapath;
using SoftIov.Devices.Virtio.Net;
using SoftIov.Memory;
using SoftIov.Pcie;

namespace SoftIov.Daemon.Composition;

/// <summary>
/// Makes the network functions of one adapter. A VF comes with its port of the switch and both go when VF Enable goes to 0; what the
/// operator said of the VF is the adapter's and stays.
/// </summary>
internal sealed class NetFunctionFactory : IVirtualFunctionFactory
{
    private readonly NetAdapterContext _context;
    private readonly PortPlan _ports;
    private readonly NetFunction?[] _functions;

    /// <summary>A factory for VFs 0 to <paramref name="totalVfs"/> - 1.</summary>
    public NetFunctionFactory(NetAdapterContext context, PortPlan ports, int totalVfs)
    {
        _context = context;
        _ports = ports;
        _functions = new NetFunction?[totalVfs];
        Description = DescribeVirtuals();
    }

    /// <inheritdoc/>
    public PersonalityDescription Description { get; }

    /// <summary>The function of an enabled VF that somebody touched; null otherwise.</summary>
    public NetFunction? this[int vf] => Volatile.Read(ref _functions[vf]);

    /// <inheritdoc/>
    public IPersonality Create(int vf)
    {
        NetFunction function = _context.NewFunction(_ports.SettingsOf(vf), _ports.Add(vf));
        Volatile.Write(ref _functions[vf], function);
        return function;
    }

    /// <inheritdoc/>
    public void Disabled()
    {
        Array.Clear(_functions);
        _ports.RemoveVfs();
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
