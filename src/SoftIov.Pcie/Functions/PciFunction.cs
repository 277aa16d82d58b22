using SoftIov.Memory;

namespace SoftIov.Pcie;

/// <summary>
/// One function, PF or VF: its state page, its personality, and the two views of its configuration space. Accesses through either view
/// exclude each other by <see cref="Gate"/>; events from pollers take no lock. Use <see cref="Create"/> for an endpoint without an adapter.
/// </summary>
public sealed class PciFunction : IFunctionServices, IStickyState, IDisposable
{
    private readonly StatePage<FunctionPage> _page;
    private readonly AssignedEndpoint _endpoint;
    private readonly Occupancy _presence = new();
    private readonly Func<bool>? _isUpstreamOpen;
    private IInterruptSink? _interrupts;
    private InjectedFaults? _faults;

    internal PciFunction(FunctionParts parts)
    {
        Name = parts.Name;
        Dma = parts.Dma;
        Personality = parts.Personality;
        Description = parts.Personality.Description;
        Physical = parts.Physical;
        Messages = parts.Messages;
        _isUpstreamOpen = parts.IsUpstreamOpen;
        DescriptionRules.Check(Description);
        _page = parts.Page;
        _page.Value = new()
        {
            Registers = FunctionRegisters.AtPowerOn,
            Fabric = FabricRegisters.AtPowerOn,
            Sticky = StickyRegisters.AtPowerOn,
        };
        Bars = new BarLayout(Description.Bars);
        Msix = new MsixTable(this);
        Msi = new MsiVectors(this);
        _endpoint = new AssignedEndpoint(this);
        AssignedConfig = ConfigSpaceFactory.Assigned(this, parts);
        FabricConfig = ConfigSpaceFactory.Fabric(this, parts);
        Personality.Bind(this);
    }

    /// <inheritdoc/>
    public string Name { get; }

    /// <inheritdoc/>
    public DmaDomain Dma { get; }

    /// <summary>The assigned view, for a transport to serve.</summary>
    public IEndpoint Endpoint => _endpoint;

    /// <inheritdoc/>
    public bool MessagesEnabled
    {
        get
        {
            if (!_presence.TryEnter())
                return false;
            bool isEnabled = UsesMessages;
            _presence.Leave();
            return isEnabled;
        }
    }

    internal Lock Gate { get; } = new();

    /// <summary>Held while addresses and data of messages are read or written, so that none mixes old with new; nothing is called under it.</summary>
    internal Lock MessageGate { get; } = new();

    internal IPersonality Personality { get; }

    internal PersonalityDescription Description { get; }

    /// <summary>The PF of a VF; null in a PF.</summary>
    internal PciFunction? Physical { get; }

    /// <summary>Where interrupt messages go while no client is attached; null when the function is on no bus.</summary>
    internal IMessageSignal? Messages { get; }

    internal BarLayout Bars { get; }

    internal MsixTable Msix { get; }

    internal MsiVectors Msi { get; }

    internal ConfigSpace AssignedConfig { get; }

    internal ConfigSpace FabricConfig { get; }

    internal ref FunctionRegisters Registers => ref _page.Value.Registers;

    internal ref FabricRegisters Fabric => ref _page.Value.Fabric;

    internal ref StickyRegisters Sticky => ref _page.Value.Sticky;

    ref StickyRegisters IStickyState.Sticky => ref Sticky;

    internal bool IsPresent => !_presence.IsClosed;

    /// <summary>What is injected into this function; null when nothing is.</summary>
    internal InjectedFaults? Faults
    {
        get => Volatile.Read(ref _faults);
        set
        {
            Volatile.Write(ref _faults, value);
            Dma.Injected = value?.Dma;
        }
    }

    internal IInterruptSink? Interrupts
    {
        get => Volatile.Read(ref _interrupts);
        set
        {
            Volatile.Write(ref _interrupts, value);
            if (value is not null)
                MessagesOpened();
        }
    }

    /// <summary>Status register: its error bits, the interrupt status, and that there is a capability list.</summary>
    internal ushort Status =>
        (ushort)(Registers.Status | StatusBits.CapabilitiesList | (IsInterruptPending ? StatusBits.Interrupt : 0));

    internal bool IntxAsserted =>
        IsInterruptPending && !UsesMessages && (Registers.Command & CommandBits.InterruptDisable) == 0;

    private bool UsesMessages => Msix.IsEnabled || Msi.IsEnabled;

    private bool IsInterruptPending => Description.InterruptPin != 0 && Personality.IntxAsserted;

    /// <summary>
    /// A lone endpoint around <paramref name="personality"/>: assigned view only, on no bus. For tests and for what needs no SR-IOV.
    /// </summary>
    public static PciFunction Create(string name, IPersonality personality, DmaDomain dma, IStateStore state) => new(new FunctionParts
    {
        Name = name,
        Personality = personality,
        Dma = dma,
        Page = state.Create<FunctionPage>(name),
    });

    /// <inheritdoc/>
    public void Fire(int vector)
    {
        if (!_presence.TryEnter())
            return;
        try
        {
            if (Msi.IsEnabled || Msix.Count == 0)
                Msi.Fire(vector);
            else
                Msix.Fire(vector);
        }
        finally
        {
            _presence.Leave();
        }
    }

    /// <inheritdoc/>
    public void UpdateIntx()
    {
        if (!_presence.TryEnter())
            return;
        try
        {
            if (IntxAsserted)
                Interrupts?.SignalIntx();
        }
        finally
        {
            _presence.Leave();
        }
    }

    /// <inheritdoc/>
    public bool TryRun(Action work)
    {
        lock (Gate)
        {
            if (!IsPresent)
                return false;
            work();
            return true;
        }
    }

    /// <summary>Stops the function for good and frees its state. Its endpoint reports that it is gone.</summary>
    public void Dispose()
    {
        Remove();
        RaiseGone();
    }

    /// <summary>Command was written.</summary>
    internal void CommandChanged()
    {
        UpdateBusMaster();
        UpdateIntx();
    }

    /// <summary>
    /// Bus mastering needs the function's own enable, power of the function and of its PF, and an open way up. Something of that changed.
    /// </summary>
    internal void UpdateBusMaster()
    {
        bool isOn = (Registers.Command & CommandBits.BusMaster) != 0
            && Registers.PowerControl != PowerManagementCapability.D3Hot
            && (Physical ?? this).Fabric.PowerControl != PowerManagementCapability.D3Hot
            && (_isUpstreamOpen?.Invoke() ?? true);
        if (isOn == Dma.BusMasterEnable)
            return;
        Dma.BusMasterEnable = isOn;
        Personality.BusMasterChanged(isOn);
        if (isOn)
            MessagesOpened();
    }

    /// <summary>Function level reset through the assigned view: not what only the fabric shows (docs/spec/pcie.md).</summary>
    internal void ResetAssigned()
    {
        // PCIe 6.6.2: a function level reset leaves payload size and link settings alone.
        ushort payload = (ushort)(Registers.DeviceControl & PcieCapability.MaxPayloadMask);
        ushort linkControl = Registers.LinkControl;
        ResetRegisters();
        Registers.DeviceControl |= payload;
        Registers.LinkControl = linkControl;
    }

    /// <summary>Power was off, as the client of the assigned view sees it: not what only the fabric shows.</summary>
    internal void ResetAssignedCold()
    {
        ResetRegisters();
        Sticky = StickyRegisters.AtPowerOn;
    }

    /// <summary>Function level reset of a PF from the bus: also what only the fabric shows.</summary>
    internal void ResetFunctionFromBus()
    {
        ResetAssigned();
        Fabric = FabricRegisters.AtPowerOn;
    }

    /// <summary>Conventional reset: nothing but the sticky registers survives.</summary>
    internal void ResetFromBus()
    {
        ResetRegisters();
        Fabric = FabricRegisters.AtPowerOn;
    }

    /// <summary>Power was off.</summary>
    internal void ResetCold()
    {
        ResetAssignedCold();
        Fabric = FabricRegisters.AtPowerOn;
    }

    /// <summary>
    /// Takes the function off the bus: when it returns no DMA and no message is in flight and none will start. The caller raises Gone
    /// later, outside its own locks.
    /// </summary>
    internal void Remove()
    {
        lock (Gate)
        {
            if (!_presence.TryClose())
                return;
            Dma.BusMasterEnable = false;
            Personality.Reset();
            Personality.SharedMemoryChanged(null);
            _presence.WaitUntilEmpty();
            Volatile.Write(ref _interrupts, null);
            (Personality as IDisposable)?.Dispose();
            _page.Dispose();
        }
    }

    /// <summary>Tells the transport, once; after <see cref="Remove"/>.</summary>
    internal void RaiseGone() => _endpoint.RaiseGone();

    /// <summary>Reads a BAR; bytes beyond the personality's own size (a VF BAR may be larger) read 0.</summary>
    internal void ReadBar(int index, ulong offset, Span<byte> destination)
    {
        while (!destination.IsEmpty)
        {
            BarPart part = BarPart.At(this, index, offset, destination.Length);
            Span<byte> bytes = destination[..part.Length];
            switch (part.Kind)
            {
                case BarPartKind.MsixTable:
                    Msix.ReadTable(part.Offset, bytes);
                    break;
                case BarPartKind.MsixPending:
                    Msix.ReadPending(part.Offset, bytes);
                    break;
                case BarPartKind.Personality:
                    Personality.ReadBar(index, offset, bytes);
                    break;
                default:
                    bytes.Clear();
                    break;
            }

            offset += (ulong)part.Length;
            destination = destination[part.Length..];
        }
    }

    /// <summary>Writes a BAR; bytes beyond the personality's own size are dropped.</summary>
    internal void WriteBar(int index, ulong offset, ReadOnlySpan<byte> source)
    {
        while (!source.IsEmpty)
        {
            BarPart part = BarPart.At(this, index, offset, source.Length);
            ReadOnlySpan<byte> bytes = source[..part.Length];
            if (part.Kind == BarPartKind.MsixTable)
                Msix.WriteTable(part.Offset, bytes);
            else if (part.Kind == BarPartKind.Personality)
                Personality.WriteBar(index, offset, bytes);
            offset += (ulong)part.Length;
            source = source[part.Length..];
        }
    }

    private void MessagesOpened()
    {
        Msix.Opened();
        Msi.Opened();
    }

    private void ResetRegisters()
    {
        Dma.BusMasterEnable = false;
        Personality.Reset();
        lock (MessageGate)
            Registers = FunctionRegisters.AtPowerOn;
        Faults?.Restarted();
    }
}
