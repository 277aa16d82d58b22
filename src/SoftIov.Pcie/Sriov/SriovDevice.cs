using SoftIov.Memory;

namespace SoftIov.Pcie;

/// <summary>
/// The device on the bus: one or more PFs and their VFs behind one link. It captures its bus number, claims configuration requests by
/// routing id also on the buses behind its own, and memory by address. One lock orders what comes from the bus; each function has its
/// own lock below it.
/// </summary>
internal sealed partial class SriovDevice : IBusDevice, IMessageSignal, IDisposable
{
    private readonly Lock _gate = new();
    private readonly SriovEngine[] _engines;
    private readonly List<PciFunction> _gone = [];
    private IUpstreamPort? _port;
    private byte _bus;
    private bool _isDisposed;

    public SriovDevice(IReadOnlyList<PhysicalFunctionParts> physicals, SriovDeviceOptions options)
    {
        ArgumentOutOfRangeException.ThrowIfZero(physicals.Count, nameof(physicals));
        ArgumentOutOfRangeException.ThrowIfGreaterThan(physicals.Count, 8, nameof(physicals));
        options.Timing.Check();
        PhysicalCount = physicals.Count;
        _engines = new SriovEngine[physicals.Count];
        for (int i = 0; i < _engines.Length; i++)
        {
            ArgumentOutOfRangeException.ThrowIfNegative(physicals[i].TotalVfs, nameof(physicals));
            ArgumentOutOfRangeException.ThrowIfGreaterThan(
                physicals[i].TotalVfs, VfRouting.Capacity(PhysicalCount, isAri: true), nameof(physicals));
            _engines[i] = new SriovEngine(this, i, physicals[i], options);
        }

        RefreshRequesters();
    }

    /// <summary>PFs of the device.</summary>
    public int PhysicalCount { get; }

    /// <summary>The PFs, by function number.</summary>
    public IReadOnlyList<SriovEngine> Engines => _engines;

    /// <summary>ARI Capable Hierarchy, as the lowest PF holds it.</summary>
    public bool IsAri => (_engines[0].Registers.Control & SriovControlBits.AriCapableHierarchy) != 0;

    /// <summary>Writes that the specification leaves undefined, or calls software errors.</summary>
    public long SoftwareErrors { get; private set; }

    /// <summary>VFs that the host could not make when the bus asked for them; they answered as unsupported requests.</summary>
    public long HostFailures { get; private set; }

    /// <summary>The last reason why.</summary>
    public Exception? LastHostFailure { get; private set; }

    public bool AnyVfEnabled
    {
        get
        {
            foreach (SriovEngine engine in _engines)
            {
                // The lowest PF asks while it is being built.
                if (engine is { IsEnabled: true })
                    return true;
            }

            return false;
        }
    }

    public void Connect(IUpstreamPort port) => _port = port;

    /// <summary>Routing id of PF <paramref name="functionNumber"/>.</summary>
    public RequesterId RequesterOf(int functionNumber) => new((ushort)((_bus << 8) + functionNumber));

    public Completion ReadConfig(in ConfigRequest request, out uint value)
    {
        value = uint.MaxValue;
        lock (_gate)
        {
            Completion completion = Locate(request, out PciFunction? function);
            if (function is null || !Answers(function, ref completion))
                return completion;
            lock (function.Gate)
                value = function.FabricConfig.ReadDword(request.Register);
            return Completion.Success;
        }
    }

    public Completion WriteConfig(in ConfigRequest request, DwordWrite write)
    {
        Completion completion;
        lock (_gate)
        {
            if (!request.IsType1)
                CaptureBus(request.Target.Bus);
            completion = Locate(request, out PciFunction? function);
            if (function is not null && Answers(function, ref completion))
            {
                lock (function.Gate)
                    function.FabricConfig.WriteDword(request.Register, write);
            }
        }

        RaiseGone();
        return completion;
    }

    public bool IsPresent(in ConfigRequest request)
    {
        lock (_gate)
            return Locate(request, out _) != Completion.UnsupportedRequest;
    }

    public Completion ReadMemory(ulong address, Span<byte> destination)
    {
        lock (_gate)
        {
            if (!TryDecode(address, destination.Length, out PciFunction? function, out int bar, out ulong offset))
                return Completion.UnsupportedRequest;
            lock (function!.Gate)
                function.ReadBar(bar, offset, destination);
            return Completion.Success;
        }
    }

    public Completion WriteMemory(ulong address, ReadOnlySpan<byte> source)
    {
        lock (_gate)
        {
            if (!TryDecode(address, source.Length, out PciFunction? function, out int bar, out ulong offset))
                return Completion.UnsupportedRequest;
            lock (function!.Gate)
                function.WriteBar(bar, offset, source);
            return Completion.Success;
        }
    }

    /// <summary>True when the port lets requests up, or there is no port.</summary>
    public bool IsUpstreamOpen => _port?.ForwardsUpstream ?? true;

    public void UpstreamChanged()
    {
        lock (_gate)
        {
            foreach (SriovEngine engine in _isDisposed ? [] : _engines)
                engine.UpdateBusMasters();
        }
    }

    public void HotReset()
    {
        lock (_gate)
            ResetAll(isCold: false);
        RaiseGone();
    }

    public void ColdReset()
    {
        lock (_gate)
            ResetAll(isCold: true);
        RaiseGone();
    }

    /// <summary>VF <paramref name="vf"/> of a PF; null while it is not enabled.</summary>
    public PciFunction? Vf(int functionNumber, int vf)
    {
        lock (_gate)
            return (uint)vf < (uint)_engines[functionNumber].Count ? _engines[functionNumber].Vf(vf) : null;
    }

    void IMessageSignal.Send(in InterruptMessage message) => _port?.Send(message);

    /// <summary>Initiate Function Level Reset of a PF: takes its VFs along (PCIe 9.2.2.2).</summary>
    public void ResetFunction(SriovEngine engine)
    {
        // Changing the ARI bit would move the VFs of other PFs: while they are enabled it stays.
        engine.Disable();
        engine.Registers.Control &= unchecked((ushort)~SriovControlBits.VfEnable);
        bool keepAri = engine.IsLowest && AnyVfEnabled && IsAri;
        engine.Physical.ResetFunctionFromBus();
        Restart(engine, keepAri);
    }

    /// <summary>From D3hot to D0 without No_Soft_Reset: the ARI bit is preserved, as the capability says.</summary>
    public void ResetFromPower(SriovEngine engine)
    {
        bool keepAri = engine.IsLowest && IsAri;
        engine.Disable();
        engine.Physical.ResetFromBus();
        Restart(engine, keepAri);
    }

    public void CountSoftwareError() => SoftwareErrors++;

    public void CountHostFailure(Exception failure)
    {
        HostFailures++;
        LastHostFailure = failure;
    }

    public void AnnounceGone(PciFunction function) => _gone.Add(function);

    /// <summary>All functions use the map of one client; each its own again with null.</summary>
    public void ShareDma(DmaDomain? client)
    {
        lock (_gate)
        {
            foreach (SriovEngine engine in _engines)
                engine.ShareDma(client);
        }
    }

    /// <summary>Takes all functions away.</summary>
    public void Dispose()
    {
        lock (_gate)
        {
            if (_isDisposed)
                return;
            _isDisposed = true;
            foreach (SriovEngine engine in _engines)
                engine.Remove();
        }

        RaiseGone();
    }

    private static void Restart(SriovEngine engine, bool keepAri)
    {
        if (keepAri)
            engine.Registers.Control |= SriovControlBits.AriCapableHierarchy;
        engine.MarkReset();
    }

    private void ResetAll(bool isCold)
    {
        if (_isDisposed)
            return;
        foreach (SriovEngine engine in _engines)
        {
            engine.Disable();
            lock (engine.Physical.Gate)
            {
                if (isCold)
                    engine.Physical.ResetCold();
                else
                    engine.Physical.ResetFromBus();
            }

            engine.MarkReset();
        }

        _bus = 0;
        RefreshRequesters();
    }

    private void CaptureBus(byte bus)
    {
        if (bus == _bus || _isDisposed)
            return;
        _bus = bus;
        RefreshRequesters();
    }

    private void RefreshRequesters()
    {
        foreach (SriovEngine engine in _engines)
            engine.RefreshRequesters();
    }

    private void RaiseGone()
    {
        PciFunction[] gone;
        lock (_gate)
        {
            if (_gone.Count == 0)
                return;
            gone = [.. _gone];
            _gone.Clear();
        }

        foreach (PciFunction function in gone)
            function.RaiseGone();
    }
}
