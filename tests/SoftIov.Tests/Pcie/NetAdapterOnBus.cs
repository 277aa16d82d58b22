using SoftIov.Datapath;
using SoftIov.Devices.Virtio.Net;
using SoftIov.Memory;
using SoftIov.Pcie;

namespace SoftIov.Tests.Pcie;

/// <summary>A net adapter of 300 VFs that the PF driver brought up, with real personalities and nobody attached.</summary>
internal sealed class NetAdapterOnBus : IVirtualFunctionFactory, IDisposable
{
    private const int TotalVfs = 300;

    private readonly NativeStateStore _states = new();
    private readonly VirtualClock _clock = new() { Jumps = true };
    private readonly VirtualSwitch _switch = new(TimeProvider.System);
    private readonly NetFunction _template;

    private NetAdapterOnBus()
    {
        _template = Make("net0/template", 0, isPhysical: false);
        Adapter = new SriovAdapter(new SriovAdapterOptions
        {
            Name = "net0",
            Physical = Make("net0/pf/virtio", 1, isPhysical: true),
            Virtuals = this,
            TotalVfs = TotalVfs,
            State = _states,
            Quiescence = new NoPollers(),
            Time = _clock,
            SerialNumber = 0x0200_00FF_FE00_0001,
        });
    }

    public SriovAdapter Adapter { get; }

    PersonalityDescription IVirtualFunctionFactory.Description => _template.Description;

    public static async Task<NetAdapterOnBus> StartAsync(int numVfs)
    {
        NetAdapterOnBus adapter = new();
        await adapter.Adapter.StartAsync();
        await adapter.Adapter.EnableAsync(numVfs);
        return adapter;
    }

    public void Dispose()
    {
        Adapter.Dispose();
        _template.Dispose();
    }

    IPersonality IVirtualFunctionFactory.Create(int vf) => Make($"net0/{vf}/virtio", vf + 2, isPhysical: false);

    private NetFunction Make(string name, int port, bool isPhysical)
    {
        NetFunctionSettings settings = new() { Name = name, HasSriovCapability = isPhysical };
        SwitchPort place = _switch.AddFunctionPort(port, isPhysical ? VfPolicy.Physical : VfPolicy.Default);
        return new NetFunction(settings, place, _states, _clock, scheduler: null);
    }
}
