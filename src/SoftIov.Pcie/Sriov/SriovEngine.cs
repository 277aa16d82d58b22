using System.Numerics;
using SoftIov.Memory;

namespace SoftIov.Pcie;

/// <summary>
/// The VFs of one PF: what the registers of its SR-IOV capability do (PCIe 9). A VF object is made when something first touches the VF,
/// so thousands of enabled VFs cost one reference each until used. Every call comes under the device's lock.
/// </summary>
internal sealed partial class SriovEngine
{
    private readonly SriovDevice _device;
    private readonly PhysicalFunctionParts _parts;
    private readonly SriovDeviceOptions _options;
    private PciFunction?[] _vfs = [];
    private long _enabledAt;
    private long _resetAt;
    private bool _wasReset;
    private DmaDomain? _sharedDma;

    public SriovEngine(SriovDevice device, int functionNumber, PhysicalFunctionParts parts, SriovDeviceOptions options)
    {
        _device = device;
        _parts = parts;
        _options = options;
        FunctionNumber = functionNumber;
        DescriptionRules.Check(parts.Virtuals.Description);
        VfBars = new BarLayout(parts.Virtuals.Description.Bars);
        Physical = new PciFunction(new FunctionParts
        {
            Name = parts.Name,
            Personality = parts.Personality,
            Dma = new DmaDomain(options.Quiescence, options.Faults),
            Page = options.State.Create<FunctionPage>(PageName(parts.Name)),
            Messages = device,
            SerialNumber = options.SerialNumber,
            NoSoftReset = options.NoSoftReset,
            IsMultiFunction = device.PhysicalCount > 1,
            NextFunction = (byte)(functionNumber + 1 < device.PhysicalCount ? functionNumber + 1 : 0),
            Sriov = parts.TotalVfs > 0 ? new SriovCapability(this) : null,
            ResetFromBus = () => device.ResetFunction(this),
            ResetFromPower = () => device.ResetFromPower(this),
            BusPowerChanged = UpdateBusMasters,
            IsUpstreamOpen = () => device.IsUpstreamOpen,
        });
    }

    /// <summary>The PF.</summary>
    public PciFunction Physical { get; }

    /// <summary>Function number of the PF, which is also its place in the device.</summary>
    public int FunctionNumber { get; }

    /// <summary>The PF with the lowest number holds the ARI bit for all (PCIe 9.3.3.3.5).</summary>
    public bool IsLowest => FunctionNumber == 0;

    public int TotalVfs => _parts.TotalVfs;

    public PersonalityDescription VfDescription => _parts.Virtuals.Description;

    /// <summary>How VF BARs behave; one aperture each.</summary>
    public BarLayout VfBars { get; }

    public ref SriovRegisters Registers => ref Physical.Fabric.Sriov;

    /// <summary>System Page Size in bytes; no aperture is smaller.</summary>
    public ulong PageBytes => (ulong)Registers.SystemPageSize << 12;

    public bool IsEnabled => (Registers.Control & SriovControlBits.VfEnable) != 0;

    /// <summary>VFs that exist: NumVFs while VF Enable is set.</summary>
    public int Count => _vfs.Length;

    /// <summary>VF objects made so far.</summary>
    public int MaterializedCount { get; private set; }

    public SriovState State => !IsEnabled ? SriovState.Disabled : IsReady ? SriovState.Enabled : SriovState.Starting;

    /// <summary>True from a reset of the PF until it answers again.</summary>
    public bool IsResetting => _wasReset && _options.Time.GetElapsedTime(_resetAt) < _options.Timing.ResetReadyAfter;

    /// <summary>Offset and stride for NumVFs; for TotalVFs while NumVFs is 0, since firmware reads them before it writes NumVFs.</summary>
    public VfRouting Routing => VfRouting.For(
        _device.PhysicalCount, Registers.NumVfs == 0 ? TotalVfs : Registers.NumVfs, _device.IsAri);

    private bool IsReady => _options.Time.GetElapsedTime(_enabledAt) >= _options.Timing.VfReadyAfter;

    /// <summary>SR-IOV Control: VF Enable and VF MSE may both change in one write, as Linux does it.</summary>
    public void WriteControl(DwordWrite write)
    {
        ushort writable = SriovControlBits.VfEnable | SriovControlBits.VfMemorySpaceEnable;
        if (IsLowest && !_device.AnyVfEnabled)
            writable |= SriovControlBits.AriCapableHierarchy;
        bool wasEnabled = IsEnabled;
        ushort control = write.Merge16(Registers.Control, writable);
        bool isEnabled = (control & SriovControlBits.VfEnable) != 0;
        bool isAri = IsLowest ? (control & SriovControlBits.AriCapableHierarchy) != 0 : _device.IsAri;
        if (isEnabled && !wasEnabled && Registers.NumVfs > Math.Min(TotalVfs, VfRouting.Capacity(_device.PhysicalCount, isAri)))
        {
            // Undefined by the specification: here VF Enable stays 0 and no VF appears.
            control &= unchecked((ushort)~SriovControlBits.VfEnable);
            isEnabled = false;
            _device.CountSoftwareError();
        }

        Registers.Control = control;
        if (isEnabled && !wasEnabled)
            Enable();
        else if (!isEnabled && wasEnabled)
            Disable();
    }

    /// <summary>NumVFs: locked while VF Enable is set.</summary>
    public void WriteNumVfs(DwordWrite write)
    {
        if (IsEnabled)
            return;
        Registers.NumVfs = write.Merge16(Registers.NumVfs, ushort.MaxValue);
    }

    /// <summary>System Page Size: exactly one supported bit, or the write is ignored; locked while VF Enable is set.</summary>
    public void WriteSystemPageSize(DwordWrite write)
    {
        uint value = write.Merge(Registers.SystemPageSize, uint.MaxValue);
        if (!IsEnabled && BitOperations.IsPow2(value) && (value & SriovCapability.SupportedPageSizes) != 0)
            Registers.SystemPageSize = value;
        else if (value != Registers.SystemPageSize)
            _device.CountSoftwareError();
    }

    /// <summary>A VF BAR. Writing one while VF MSE is set is a software error; it moves all apertures at once.</summary>
    public void WriteVfBar(int index, DwordWrite write)
    {
        if ((Registers.Control & SriovControlBits.VfMemorySpaceEnable) != 0)
            _device.CountSoftwareError();
        VfBars.Write(ref Registers.VfBars, index, write, PageBytes);
    }

    /// <summary>Number of the VF whose routing id lies <paramref name="fromFunctionZero"/> behind function 0's; -1 when none does.</summary>
    public int FindVf(ushort fromFunctionZero) =>
        Count == 0 ? -1 : Routing.Find((ushort)(fromFunctionZero - FunctionNumber), Count);

    /// <summary>
    /// VF <paramref name="vf"/>, below <see cref="Count"/>; made now if nothing touched it before. What the host refuses (a descriptor, a
    /// page) is an exception, and the VF is not made.
    /// </summary>
    public PciFunction Vf(int vf) => _vfs[vf] ?? Make(vf);

    /// <summary>The same for a request from the bus: null, counted, when the host refuses.</summary>
    public PciFunction? TryVf(int vf)
    {
        if (_vfs[vf] is { } existing)
            return existing;
        try
        {
            return Make(vf);
        }
        catch (Exception failure)
        {
            _device.CountHostFailure(failure);
            return null;
        }
    }

    /// <summary>Routing id of VF <paramref name="vf"/>.</summary>
    public RequesterId RequesterOf(int vf) => new((ushort)(_device.RequesterOf(FunctionNumber).Value + Routing.Distance(vf)));

    /// <summary>Bus number or ARI changed: faults and messages name the new routing ids from now on.</summary>
    public void RefreshRequesters()
    {
        Physical.Dma.Requester = _device.RequesterOf(FunctionNumber);
        if (MaterializedCount == 0)
            return;
        for (int vf = 0; vf < _vfs.Length; vf++)
        {
            if (_vfs[vf] is { } function)
                function.Dma.Requester = RequesterOf(vf);
        }
    }

    /// <summary>
    /// The VF and BAR that decode <paramref name="address"/>. PF Command and VF Command do not matter: VF Enable and VF MSE do (PCIe
    /// 9.3.3.3.4).
    /// </summary>
    public bool TryDecode(ulong address, int length, out int vf, out int bar, out ulong offset)
    {
        bool isOpen = State == SriovState.Enabled && (Registers.Control & SriovControlBits.VfMemorySpaceEnable) != 0
            && Physical.Fabric.PowerControl != PowerManagementCapability.D3Hot;
        for (bar = 0; isOpen && bar < BarLayout.Count; bar++)
        {
            ulong aperture = VfBars.Size(bar, PageBytes);
            if (aperture == 0)
                continue;
            ulong distance = address - VfBars.Base(Registers.VfBars, bar, PageBytes);
            offset = distance % aperture;
            if (distance / aperture < (ulong)Count && (ulong)length <= aperture - offset)
            {
                vf = (int)(distance / aperture);
                return true;
            }
        }

        (vf, bar, offset) = (0, 0, 0);
        return false;
    }

    /// <summary>All VFs vanish: when this returns none of them has DMA in flight, and none answers.</summary>
    public void Disable()
    {
        PciFunction?[] vfs = _vfs;
        _vfs = [];
        int left = MaterializedCount;
        MaterializedCount = 0;
        for (int vf = 0; left > 0; vf++)
        {
            if (vfs[vf] is not { } function)
                continue;
            left--;
            function.Remove();
            _options.State.Remove(PageName(function.Name));
            _device.AnnounceGone(function);
        }

        if (vfs.Length > 0)
            _parts.Virtuals.Disabled();
    }

    /// <summary>All functions, and VFs that come, use the map of <paramref name="client"/>; each its own again with null.</summary>
    public void ShareDma(DmaDomain? client)
    {
        _sharedDma = client;
        Physical.Dma.Share(client);
        foreach (PciFunction? vf in _vfs)
            vf?.Dma.Share(client);
    }

    /// <summary>The PF goes for good, after its VFs.</summary>
    public void Remove()
    {
        Disable();
        Physical.Remove();
        _options.State.Remove(PageName(Physical.Name));
        _device.AnnounceGone(Physical);
    }

    /// <summary>What bus mastering of PF and VFs depends on beside their own registers changed: power of the PF, the port above.</summary>
    public void UpdateBusMasters()
    {
        lock (Physical.Gate)
            Physical.UpdateBusMaster();
        foreach (PciFunction? vf in _vfs)
        {
            if (vf is null)
                continue;
            lock (vf.Gate)
                vf.UpdateBusMaster();
        }
    }

    /// <summary>The PF was reset: it may take its time.</summary>
    public void MarkReset()
    {
        _resetAt = _options.Time.GetTimestamp();
        _wasReset = true;
    }

    /// <summary>State pages of PCIe, next to those a personality may have under the function's own name.</summary>
    private static string PageName(string function) => function + "/pcie";

    private PciFunction Make(int vf)
    {
        string name = _parts.VfName(vf);
        IPersonality personality = _parts.Virtuals.Create(vf);
        StatePage<FunctionPage>? page = null;
        try
        {
            page = _options.State.Create<FunctionPage>(PageName(name));
            PciFunction function = new(new FunctionParts
            {
                Name = name,
                Personality = personality,
                Dma = new DmaDomain(_options.Quiescence, _options.Faults) { Requester = RequesterOf(vf) },
                Page = page,
                Physical = Physical,
                Messages = _device,
                IsUpstreamOpen = () => _device.IsUpstreamOpen,
                SerialNumber = _options.SerialNumber,
            }) { Faults = FaultsOf(vf) };
            if (_sharedDma is not null)
                function.Dma.Share(_sharedDma);
            _vfs[vf] = function;
            MaterializedCount++;
            return function;
        }
        catch
        {
            page?.Dispose();
            _options.State.Remove(PageName(name));
            (personality as IDisposable)?.Dispose();
            throw;
        }
    }

    private void Enable()
    {
        _vfs = new PciFunction?[Registers.NumVfs];
        _enabledAt = _options.Time.GetTimestamp();
        RestartFaults();
        if (_vfs.Length > 0)
            _parts.Virtuals.Enabled(_vfs.Length);
    }
}
