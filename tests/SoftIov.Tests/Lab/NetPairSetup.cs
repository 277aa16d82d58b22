using SoftIov.Datapath;
using SoftIov.Devices.Virtio.Net;
using SoftIov.Lab.Pci;
using SoftIov.Lab.Virtio;
using SoftIov.Memory;
using SoftIov.Pcie;

namespace SoftIov.Tests.Lab;

/// <summary>An adapter with enabled VFs, a switch and one poller thread, and drivers for its VFs, all in this process.</summary>
internal sealed class NetPairSetup : IDisposable, IVirtualFunctionFactory
{
    private readonly NativeStateStore _states = new();
    private readonly PollScheduler _scheduler;
    private readonly VirtualSwitch _switch = new(TimeProvider.System);
    private readonly List<SwitchPort> _ports = [];
    private readonly NetFunctionSettings _settings;
    private readonly List<IDisposable> _owned = [];
    private readonly Dictionary<string, NetFunction> _functions = [];

    /// <summary>Never driven: says what all VFs look like.</summary>
    private readonly NetFunction _template;

    public NetPairSetup(int vfCount, int queuePairs = 1, int queueSize = 1024, IReadOnlyList<IPollerSleep>? sleeps = null)
    {
        _scheduler = new PollScheduler(sleeps ?? [new SignalSleep()], new PollSettings(), TimeProvider.System);
        _settings = new NetFunctionSettings { Name = "net0/vf", QueuePairs = queuePairs, QueueSize = queueSize };
        _template = MakeVf("net0/template", new VirtualSwitch(TimeProvider.System).AddFunctionPort(1, VfPolicy.Default));
        for (int i = 0; i < vfCount; i++)
            _ports.Add(_switch.AddFunctionPort(i + 1, VfPolicy.Default, MacOf(i)));
        SwitchPort physical = _switch.AddFunctionPort(0, VfPolicy.Physical, MacOf(-1));
        Adapter = new SriovAdapter(new SriovAdapterOptions
        {
            Name = "net0",
            Physical = new NetFunction(
                _settings with { Name = "net0/pf", HasSriovCapability = true }, physical, _scheduler, _states, TimeProvider.System),
            Virtuals = this,
            TotalVfs = vfCount,
            State = _states,
            Quiescence = _scheduler,
        });
        Adapter.StartAsync().GetAwaiter().GetResult();
        Adapter.EnableAsync(vfCount).GetAwaiter().GetResult();
    }

    public SriovAdapter Adapter { get; }

    /// <summary>The ports of the VFs.</summary>
    public IReadOnlyList<SwitchPort> Ports => _ports;

    /// <summary>The network function behind an enabled VF.</summary>
    public NetFunction Function(int vf)
    {
        _ = Adapter.Vf(vf);
        return _functions[$"net0/{vf}"];
    }

    PersonalityDescription IVirtualFunctionFactory.Description => _template.Description;

    public static MacAddress MacOf(int vf) => new(0x02_00_00_00_00_10UL + (ulong)(vf + 1));

    IPersonality IVirtualFunctionFactory.Create(int vf) => MakeVf($"net0/{vf}", _ports[vf]);

    /// <summary>A driver for VF <paramref name="vf"/>, with memory of its own.</summary>
    public VirtioNetDriver Open(int vf, NetDriverOptions options)
    {
        var memory = DriverMemory.CreatePrivate(options.MemoryNeeded, DriverMemory.DefaultIova + ((ulong)vf << 40));
        var device = new EndpointDevice(Adapter.Vf(vf)!);
        VirtioNetDriver driver = VirtioNetDriver.Open(device, memory, options);
        _owned.AddRange([driver, device, memory]);
        return driver;
    }

    public void Dispose()
    {
        foreach (IDisposable owned in _owned)
            owned.Dispose();
        Adapter.Dispose();
        _template.Dispose();
        _scheduler.Dispose();
    }

    private NetFunction MakeVf(string name, SwitchPort port)
    {
        var function = new NetFunction(_settings with { Name = name }, port, _scheduler, _states, TimeProvider.System);
        _functions[name] = function;
        return function;
    }
}
