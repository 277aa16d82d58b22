using SoftIov.Datapath;
using SoftIov.Devices.Virtio.Net;
using SoftIov.Lab.Pci;
using SoftIov.Lab.Virtio;
using SoftIov.Linux;
using SoftIov.Pcie;
using SoftIov.Tests.Lab;
using SoftIov.Transports;
using SoftIov.Transports.VhostUser;

namespace SoftIov.Benchmarks.Net;

/// <summary>
/// An adapter with its VFs on a switch, as the daemon builds it. Served by one poller thread, or by <see cref="PollAll"/> when the bed is
/// inline.
/// </summary>
internal sealed class AdapterBed : IVirtualFunctionFactory, IDisposable
{
    private readonly MemfdStateStore _states = new();
    private readonly VirtualSwitch _switch = new(TimeProvider.System);
    private readonly SwitchPort[] _ports;
    private readonly NetFunction[] _functions;
    private readonly List<IDisposable> _owned = [];
    private readonly PollScheduler? _scheduler;
    private readonly PollContext _context = new();
    private readonly NetFunctionSettings _settings = new() { Name = "net0", QueueSize = 1024, Mtu = 65535 };
    private readonly NetFunction _template;
    private readonly SriovAdapter _adapter;

    public AdapterBed(int vfCount, bool isInline)
    {
        _scheduler = isInline ? null : new PollScheduler([new EpollSleep()], new PollSettings(), TimeProvider.System);
        _ports = new SwitchPort[vfCount];
        _functions = new NetFunction[vfCount];
        _template = Make("net0/template", new VirtualSwitch(TimeProvider.System).AddFunctionPort(1, VfPolicy.Default));
        for (int i = 0; i < vfCount; i++)
            _ports[i] = _switch.AddFunctionPort(i + 1, VfPolicy.Default, MacOf(i));
        _adapter = new SriovAdapter(new SriovAdapterOptions
        {
            Name = "net0",
            Physical = Make("net0/pf", _switch.AddFunctionPort(0, VfPolicy.Physical, MacOf(vfCount)), isPhysical: true),
            Virtuals = this,
            TotalVfs = vfCount,
            State = _states,
            Quiescence = _scheduler is null ? new InlineQuiescence() : _scheduler,
        });
        _adapter.StartAsync().GetAwaiter().GetResult();
        _adapter.EnableAsync(vfCount).GetAwaiter().GetResult();
    }

    PersonalityDescription IVirtualFunctionFactory.Description => _template.Description;

    /// <summary>Time the poller worked; null when the bed is inline.</summary>
    public TimeSpan? PollerBusy => _scheduler?.ReportPollers()[0].Busy;

    /// <summary>Address of a VF.</summary>
    public static MacAddress MacOf(int vf) => new(0x02_00_00_00_00_10UL + (ulong)vf);

    IPersonality IVirtualFunctionFactory.Create(int vf) => _functions[vf] = Make($"net0/{vf}", _ports[vf]);

    /// <summary>A driver for a VF with guest memory in a memory file; it goes with the bed.</summary>
    public VirtioNetDriver Open(int vf, NetDriverOptions options)
    {
        DriverMemory memory = DriverMemory.CreateShared($"guest{vf}", options.MemoryNeeded, DriverMemory.DefaultIova + ((ulong)vf << 32));
        var device = new EndpointDevice(_adapter.Vf(vf)!);
        VirtioNetDriver driver = VirtioNetDriver.Open(device, memory, options);
        _owned.AddRange([driver, device, memory]);
        return driver;
    }

    /// <summary>Serves a VF to whoever connects, for as long as the server lives.</summary>
    public void Serve(int vf, VhostUserServer server, VhostUserSocketOptions options) =>
        server.Serve(_adapter.Vf(vf)!, _functions[vf].Rings, options);

    /// <summary>One visit of every queue, when there is no poller thread; returns how many frames moved.</summary>
    public int PollAll()
    {
        int moved = 0;
        foreach (NetFunction function in _functions)
            moved += function.Device.PollPairs(_context);
        return moved;
    }

    /// <summary>One visit of the queues of one VF; returns how many frames moved.</summary>
    public int Poll(int vf) => _functions[vf].Device.PollPairs(_context);

    public void Dispose()
    {
        foreach (IDisposable owned in _owned)
            owned.Dispose();
        _adapter.Dispose();
        _template.Dispose();
        _scheduler?.Dispose();
        _states.Dispose();
    }

    private NetFunction Make(string name, SwitchPort port, bool isPhysical = false)
    {
        NetFunctionSettings settings = _settings with { Name = name, HasSriovCapability = isPhysical };
        return new NetFunction(settings, port, _states, TimeProvider.System, _scheduler);
    }
}
