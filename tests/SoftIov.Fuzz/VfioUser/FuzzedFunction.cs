using SoftIov.Datapath;
using SoftIov.Devices.Virtio.Net;
using SoftIov.Memory;
using SoftIov.Pcie;

namespace SoftIov.Fuzz.VfioUser;

/// <summary>A network function as it is in service, with a poller, on a switch of its own.</summary>
internal sealed class FuzzedFunction : IDisposable
{
    private readonly PollScheduler _scheduler = new([new SignalSleep()], new PollSettings(), TimeProvider.System);
    private readonly NativeStateStore _states = new();
    private readonly PciFunction _function;

    public FuzzedFunction(string name)
    {
        VirtualSwitch ports = new(TimeProvider.System);
        SwitchPort port = ports.AddFunctionPort(1, VfPolicy.Default, new MacAddress(0x02_00_00_00_00_01));
        NetFunctionSettings settings = new() { Name = name, QueuePairs = 2 };
        NetFunction personality = Personality = new(settings, port, _scheduler, _states, TimeProvider.System);
        DmaDomain domain = new(_scheduler, new DmaFaultLog(16));
        _scheduler.PollableFaulted += (_, broken) => Fault ??= broken.ToString();
        _function = PciFunction.Create(name, personality, domain, _states);
        Dma = new DmaPollable(domain);
        Dma.Handle = _scheduler.Add(Dma, name + "/dma");
    }

    /// <summary>The network function.</summary>
    public NetFunction Personality { get; }

    /// <summary>What a transport serves.</summary>
    public IEndpoint Endpoint => _function.Endpoint;

    /// <summary>Accesses besides those of its queues.</summary>
    public DmaPollable Dma { get; }

    /// <summary>What a poller of it threw; null when none did.</summary>
    public string? Fault { get; private set; }

    public void Dispose()
    {
        _function.Dispose();
        _scheduler.Dispose();
    }
}
