using SoftIov.Datapath;
using SoftIov.Devices.Virtio.Net;
using SoftIov.Lab.Pci;
using SoftIov.Lab.Virtio;
using SoftIov.Linux;
using SoftIov.Pcie;
using SoftIov.Tests.Lab;

namespace SoftIov.Benchmarks.Net;

/// <summary>
/// An adapter with two VFs on a switch, as the daemon builds it, and a driver for each VF with guest memory in a memory file. Served by one
/// poller thread, or by <see cref="PollAll"/> when the bed is inline.
/// </summary>
internal sealed class NetBed : IVirtualFunctionFactory, IDisposable
{
    private const int VfCount = 2;

    private readonly MemfdStateStore _states = new();
    private readonly VirtualSwitch _switch = new(TimeProvider.System);
    private readonly SwitchPort[] _ports = new SwitchPort[VfCount];
    private readonly NetFunction[] _functions = new NetFunction[VfCount];
    private readonly List<IDisposable> _owned = [];
    private readonly PollScheduler? _scheduler;
    private readonly PollContext _context = new();
    private readonly NetFunctionSettings _settings = new() { Name = "net0", QueueSize = 1024, Mtu = 65535 };
    private readonly NetFunction _template;
    private readonly SriovAdapter _adapter;

    public NetBed(NetDriverOptions options, bool isInline)
    {
        _scheduler = isInline ? null : new PollScheduler([new SignalSleep()], new PollSettings(), TimeProvider.System);
        _template = Make("net0/template", new VirtualSwitch(TimeProvider.System).AddFunctionPort(1, VfPolicy.Default));
        for (int i = 0; i < VfCount; i++)
            _ports[i] = _switch.AddFunctionPort(i + 1, VfPolicy.Default, MacOf(i));
        _adapter = new SriovAdapter(new SriovAdapterOptions
        {
            Name = "net0",
            Physical = Make("net0/pf", _switch.AddFunctionPort(0, VfPolicy.Physical, MacOf(VfCount)), isPhysical: true),
            Virtuals = this,
            TotalVfs = VfCount,
            State = _states,
            Quiescence = _scheduler is null ? new InlineQuiescence() : _scheduler,
        });
        _adapter.StartAsync().GetAwaiter().GetResult();
        _adapter.EnableAsync(VfCount).GetAwaiter().GetResult();
        Sender = Open(0, options);
        Receiver = Open(1, options);
    }

    public VirtioNetDriver Sender { get; }

    public VirtioNetDriver Receiver { get; }

    PersonalityDescription IVirtualFunctionFactory.Description => _template.Description;

    public static MacAddress MacOf(int vf) => new(0x02_00_00_00_00_10UL + (ulong)vf);

    IPersonality IVirtualFunctionFactory.Create(int vf) => _functions[vf] = Make($"net0/{vf}", _ports[vf]);

    /// <summary>One visit of every queue, when there is no poller thread; returns how many frames moved.</summary>
    public int PollAll()
    {
        int moved = 0;
        foreach (NetFunction function in _functions)
            moved += function.Device.PollPairs(_context);
        return moved;
    }

    public void Dispose()
    {
        Sender.Dispose();
        Receiver.Dispose();
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

    private VirtioNetDriver Open(int vf, NetDriverOptions options)
    {
        DriverMemory memory = DriverMemory.CreateShared($"guest{vf}", options.MemoryNeeded, DriverMemory.DefaultIova + ((ulong)vf << 40));
        var device = new EndpointDevice(_adapter.Vf(vf)!);
        _owned.AddRange([device, memory]);
        return VirtioNetDriver.Open(device, memory, options);
    }
}
