using SoftIov.Datapath;
using SoftIov.Devices.Virtio.Net;
using SoftIov.Memory;
using SoftIov.Pcie;
using SoftIov.Tests.Datapath;

namespace SoftIov.Tests.Devices;

/// <summary>Network VFs of an adapter, each at a port of one switch.</summary>
internal sealed class NetVirtualFunctions(VirtualSwitch vswitch, IStateStore states) : IVirtualFunctionFactory
{
    public Dictionary<int, NetFunction> Made { get; } = [];

    public PersonalityDescription Description { get; } =
        new NetFunction(
            SettingsOf(0), vswitch.AddFunctionPort(1000, VfPolicy.Default), new NativeStateStore(), TimeProvider.System, null).Description;

    public IPersonality Create(int vf)
    {
        SwitchPort port = vswitch.AddFunctionPort(vf + 1, VfPolicy.Default, TestFrame.Mac(vf + 1));
        return Made[vf] = new NetFunction(SettingsOf(vf), port, states, TimeProvider.System, null);
    }

    private static NetFunctionSettings SettingsOf(int vf) => new() { Name = $"net0/{vf}" };
}
