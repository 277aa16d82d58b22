using System.Buffers.Binary;
using System.Text;
using SoftIov.Memory;

namespace SoftIov.Pcie;

/// <summary>
/// An adapter: a PF and its VFs on a bus of their own, with the root complex above and the driver that drives the PF as an operating
/// system does (decision D2).
/// <code>
/// using var adapter = new SriovAdapter(options);
/// await adapter.StartAsync(cancellation);          // enumerates; adapter.Physical can be served from now on
/// await adapter.EnableAsync(8, progress, cancel);  // 100 ms; then adapter.Vf(0)..Vf(7) are there
/// adapter.Vf(3)!.Gone += CloseSession;             // raised when the VF vanishes under its client
/// await adapter.DisableAsync(progress, cancel);    // 1 s; all VFs are gone when the first register write returns
/// </code>
/// Start, Enable and Disable are called by one thread at a time; the rest is safe from any. Errors of the driver are
/// <see cref="PfDriverException"/>. VFs are counted from 0, as <c>ip link</c> does.
/// </summary>
public sealed class SriovAdapter : IDisposable
{
    private readonly SriovDevice _device;
    private readonly RootComplex _complex;
    private readonly TimeProvider _time;
    private readonly IQuiescence _quiescence;
    private PfDriver _driver;
    private VmdEndpoint? _whole;

    /// <summary>An adapter that is not enumerated yet.</summary>
    public SriovAdapter(SriovAdapterOptions options)
    {
        ArgumentNullException.ThrowIfNull(options);
        Name = options.Name;
        _quiescence = options.Quiescence;
        Faults = new DmaFaultLog(options.FaultLogCapacity);
        string name = options.Name;
        _device = new SriovDevice(
            [new(name + "/pf", vf => $"{name}/{vf}", options.Physical, options.Virtuals, options.TotalVfs)],
            new SriovDeviceOptions
            {
                State = options.State,
                Quiescence = options.Quiescence,
                Faults = Faults,
                Time = options.Time,
                Timing = options.Timing,
                SerialNumber = options.SerialNumber,
            });
        _complex = new RootComplex([_device], options.State, Faults, name);
        Injector = new FaultInjector(_device, _complex);
        _time = options.Time;
        _driver = NewDriver();
        TotalVfs = options.TotalVfs;
    }

    /// <summary>Name of the adapter.</summary>
    public string Name { get; }

    /// <summary>TotalVFs.</summary>
    public int TotalVfs { get; }

    /// <summary>VFs that are enabled.</summary>
    public int NumVfs => _driver.NumVfs;

    /// <summary>The PF's assigned view.</summary>
    public IEndpoint Physical => _device.Engines[0].Physical.Endpoint;

    /// <summary>Routing id of the PF on the adapter's own bus.</summary>
    public RequesterId PhysicalId => _device.RequesterOf(0);

    /// <summary>DMA and interrupts that were refused, of all functions.</summary>
    public DmaFaultLog Faults { get; }

    /// <summary>Register writes that the specification calls software errors.</summary>
    public long SoftwareErrors => _device.SoftwareErrors;

    /// <summary>VFs that could not be made when something on the bus touched them; to it they are not there.</summary>
    public long HostFailures => _device.HostFailures;

    /// <summary>Why the last of them could not.</summary>
    public Exception? LastHostFailure => _device.LastHostFailure;

    /// <summary>Interrupts of functions that did not reach the client that has the adapter whole: none there, not bus master, or full.</summary>
    public long LostMessages => _whole?.LostMessages ?? 0;

    /// <summary>Injects faults, for people who write drivers.</summary>
    public FaultInjector Injector { get; }

    /// <summary>
    /// A client that has the adapter whole enabled VFs, so many are there now, or disabled them: 0; by a write to the bus, or (true) by a
    /// reset of the endpoint, as when it leaves. Raised on the client's thread: returns at once.
    /// </summary>
    public event Action<int, bool>? ClientChangedVfs;

    internal SriovDevice Device => _device;

    internal RootComplex Complex => _complex;

    internal PfDriver Driver => _driver;

    /// <summary>Enumerates the bus: numbers, addresses, sizes.</summary>
    public Task StartAsync(CancellationToken cancellation = default) => _driver.ProbeAsync(cancellation);

    /// <summary>Enables <paramref name="numVfs"/> VFs; there must be none. On an error there are none either.</summary>
    public Task EnableAsync(int numVfs, IProgress<PfDriverStep>? progress = null, CancellationToken cancellation = default) =>
        _driver.EnableAsync(numVfs, progress, cancellation);

    /// <summary>Disables all VFs. Their endpoints are gone before the wait of one second that the specification asks for.</summary>
    public Task DisableAsync(IProgress<PfDriverStep>? progress = null, CancellationToken cancellation = default) =>
        _driver.DisableAsync(progress, cancellation);

    /// <summary>Assigned view of VF <paramref name="vf"/>, from 0; null while it is not enabled. Makes the VF when it is the first to ask.</summary>
    public IEndpoint? Vf(int vf) => _device.Vf(0, vf)?.Endpoint;

    /// <summary>The same; null also when the host has no room for the VF, which is counted in <see cref="HostFailures"/>.</summary>
    public IEndpoint? TryVf(int vf) => _device.Engines[0].TryVf(vf)?.Endpoint;

    /// <summary>Routing id of an enabled VF on the adapter's own bus; null while it is not enabled.</summary>
    public RequesterId? VfId(int vf) => _device.Vf(0, vf)?.Dma.Requester;

    /// <summary>The PF (<paramref name="vf"/> null) or a VF, as text that <c>lspci -F</c> reads; empty when it is not enabled.</summary>
    public string Dump(int? vf, ConfigView view)
    {
        PciFunction? function = vf is { } number ? _device.Vf(0, number) : _device.Engines[0].Physical;
        StringBuilder text = new();
        if (function is not null)
            LspciDump.Append(text, function, view);
        return text.ToString();
    }

    /// <summary>The root port above the PF, which only a client of the adapter whole sees, as text that <c>lspci -F</c> reads.</summary>
    public string DumpPort()
    {
        Span<byte> config = stackalloc byte[ConfigSpace.Size];
        for (int at = 0; at < config.Length; at += sizeof(uint))
            BinaryPrimitives.WriteUInt32LittleEndian(config[at..], _complex.Read(RootComplex.PortId(0), at, sizeof(uint)));
        StringBuilder text = new();
        LspciDump.Append(text, RootComplex.PortId(0), $"{Name}/port", config);
        return text.ToString();
    }

    /// <summary>VFs that exist, whoever enabled them: the driver here, or a client that has the adapter whole.</summary>
    public int VfCount => _device.Engines[0].Count;

    /// <summary>
    /// Gives the adapter away whole: one endpoint behind which a kernel of its own enumerates root port, PF and VFs. There must be no VFs and
    /// no client of the PF; until <see cref="TakeBackAsync"/> only the client changes the adapter.
    /// </summary>
    /// <exception cref="InvalidOperationException">VFs are enabled, or it was given away already.</exception>
    /// <exception cref="ArgumentOutOfRangeException">The VFs are more than <see cref="MostWholeVfs"/>.</exception>
    public IEndpoint GiveAway(WholeInterrupts interrupts = WholeInterrupts.Messages)
    {
        if (NumVfs > 0 || _whole is not null)
            throw new InvalidOperationException($"{Name} has VFs enabled, or was given away already.");
        ulong bytesPerVf = 0;
        ulong physicalBytes = 0;
        SriovEngine engine = _device.Engines[0];
        for (int bar = 0; bar < BarLayout.Count; bar++)
        {
            bytesPerVf += engine.VfBars.Size(bar, engine.PageBytes);
            physicalBytes += engine.Physical.Bars.Size(bar);
        }

        var layout = new VmdLayout(TotalVfs, bytesPerVf, physicalBytes);
        _whole = new VmdEndpoint($"{Name}/whole", _complex, _device, new DmaDomain(_quiescence, Faults), layout, interrupts);
        _whole.VfsChanged += (count, isReset) => ClientChangedVfs?.Invoke(count, isReset);
        Injector.ClearAll();
        _whole.Take();
        return _whole;
    }

    /// <summary>
    /// The most VFs, 0..65279, of an adapter that can be given away whole, whose PF and VFs decode so many bytes of memory each: all have to
    /// fit into the windows of one endpoint.
    /// </summary>
    public static int MostWholeVfs(ulong physicalBytes, ulong bytesPerVf) => VmdLayout.MostVfs(bytesPerVf, physicalBytes);

    /// <summary>Takes the adapter back, reset and enumerated anew; VFs that the client enabled are gone.</summary>
    public Task TakeBackAsync(CancellationToken cancellation = default)
    {
        Injector.ClearAll();
        _whole?.Release();
        _whole = null;
        _driver = NewDriver();
        return StartAsync(cancellation);
    }

    /// <summary>Takes all functions away; their endpoints are gone.</summary>
    public void Dispose()
    {
        _device.Dispose();
        _complex.Dispose();
    }

    private PfDriver NewDriver() => new(_complex, RootComplex.PortId(0), _time);
}
