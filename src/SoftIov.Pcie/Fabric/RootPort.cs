using SoftIov.Memory;

namespace SoftIov.Pcie;

/// <summary>
/// A root port with one device below it: forwards configuration by bus number, memory by its windows, and checks what comes up. An absent
/// function is an unsupported request.
/// </summary>
internal sealed class RootPort : IUpstreamPort, IStickyState
{
    /// <summary>The generic PCIe root port that virtual machines have.</summary>
    public const ushort VendorId = 0x1B36;

    public const ushort DeviceId = 0x000C;

    private const int FunctionsPerDevice = 8;

    private readonly RootComplex _complex;
    private readonly IBusDevice _device;
    private readonly StatePage<BridgeRegisters> _page;
    private readonly RootPortAerCapability _errors;
    private readonly RootPortMsiCapability _msi;
    private bool _isCut;

    public RootPort(RootComplex complex, RequesterId id, IBusDevice device, StatePage<BridgeRegisters> page)
    {
        _complex = complex;
        Id = id;
        _device = device;
        _page = page;
        _page.Value = BridgeRegisters.AtPowerOn;
        _errors = new RootPortAerCapability(this);
        _msi = new RootPortMsiCapability(this);
        Config = new ConfigSpace(
            new BridgeHeader(this),
            [new RootPortPowerCapability(this), new RootPortCapability(this), _msi],
            [_errors, new RootPortAcsCapability(this)]);
        device.Connect(this);
    }

    /// <summary>Its own routing id.</summary>
    public RequesterId Id { get; }

    public ConfigSpace Config { get; }

    /// <summary>
    /// Held while registers change, or are read together, that error messages concern: they come from any thread, and software writes from its
    /// own. Those are Secondary Status, the root's error registers, MSI, and with a reset all. Nothing is called under it.
    /// </summary>
    public Lock ErrorGate { get; } = new();

    public ref BridgeRegisters Registers => ref _page.Value;

    ref StickyRegisters IStickyState.Sticky => ref Registers.Sticky;

    /// <summary>An injected fault holds the link down.</summary>
    public bool IsCut => Volatile.Read(ref _isCut);

    /// <summary>False while software holds the link in reset or has disabled it, or a fault holds it down.</summary>
    public bool IsLinkUp => !IsCut && (Registers.BridgeControl & BridgeHeader.SecondaryBusReset) == 0
        && (Registers.LinkControl & RootPortCapability.LinkDisable) == 0;

    /// <summary>Bus Master Enable of the port gates what comes up from below (PCIe 7.5.1.1.3).</summary>
    public bool ForwardsUpstream =>
        (Registers.Command & CommandBits.BusMaster) != 0 && IsOpen && _complex.IsMasterEnabled;

    /// <summary>Requests pass: the link is up and the port in D0.</summary>
    private bool IsOpen => Registers.PowerControl == 0 && IsLinkUp;

    private byte Secondary => (byte)(Registers.BusNumbers >> 8);

    private byte Subordinate => (byte)(Registers.BusNumbers >> 16);

    /// <summary>True when configuration requests for <paramref name="bus"/> go below this port.</summary>
    public bool Leads(byte bus) => Secondary != 0 && bus >= Secondary && bus <= Subordinate;

    public Completion ReadConfig(RequesterId target, int register, out uint value)
    {
        value = uint.MaxValue;
        return Reaches(target)
            ? _device.ReadConfig(new(target, register, target.Bus != Secondary), out value)
            : Completion.UnsupportedRequest;
    }

    public Completion WriteConfig(RequesterId target, int register, DwordWrite write) => Reaches(target)
        ? _device.WriteConfig(new(target, register, target.Bus != Secondary), write)
        : Completion.UnsupportedRequest;

    public bool IsPresent(RequesterId target) => Reaches(target) && _device.IsPresent(new(target, 0, target.Bus != Secondary));

    public Completion ReadMemory(ulong address, Span<byte> destination) => Forwards(address, destination.Length)
        ? _device.ReadMemory(address, destination)
        : Completion.UnsupportedRequest;

    public Completion WriteMemory(ulong address, ReadOnlySpan<byte> source) => Forwards(address, source.Length)
        ? _device.WriteMemory(address, source)
        : Completion.UnsupportedRequest;

    /// <summary>The port is as after power-on, but for sticky registers, and the device below is reset.</summary>
    public void Reset()
    {
        lock (ErrorGate)
            Registers = Registers.AfterHotReset;
        _device.HotReset();
    }

    /// <summary>Power went off and on: the port and the device below are as at power-on, sticky registers too.</summary>
    public void ColdReset()
    {
        lock (ErrorGate)
            Registers = BridgeRegisters.AtPowerOn;
        _device.ColdReset();
    }

    /// <summary>Something that <see cref="ForwardsUpstream"/> depends on was written.</summary>
    public void UpstreamChanged() => _device.UpstreamChanged();

    /// <summary>The link goes down, by Secondary Bus Reset or Link Disable: the device below is reset.</summary>
    public void ResetLink() => _device.HotReset();

    /// <summary>The link goes down whatever software wants, or up as far as software lets it.</summary>
    public void Cut(bool isCut)
    {
        if (isCut == IsCut)
            return;
        Volatile.Write(ref _isCut, isCut);
        if (isCut)
            ResetLink();
        UpstreamChanged();
    }

    public bool Report(in ErrorMessage message)
    {
        if (!IsOpen)
            return false;
        if (message.Severity != ErrorSeverity.Correctable)
        {
            lock (ErrorGate)
                Registers.SecondaryStatus |= StatusBits.ReceivedSystemError;
        }

        if ((Registers.BridgeControl & BridgeHeader.SystemErrorEnable) == 0)
            return false;
        _errors.Log(message);
        _complex.CountError(message);
        return true;
    }

    /// <summary>The port's own interrupt: a message as far as software let it send any.</summary>
    public void Interrupt()
    {
        bool maySend = (Registers.Command & CommandBits.BusMaster) != 0 && Registers.PowerControl == 0 && _complex.IsMasterEnabled;
        if (maySend && _msi.Message is { } message)
            _complex.Deliver(message);
    }

    public void Send(in InterruptMessage message)
    {
        if (!Leads(message.Requester.Bus))
            _complex.Refuse(message);
        else if (ForwardsUpstream)
            _complex.Deliver(message);
    }

    /// <summary>Without ARI forwarding only device 0 of the link's bus can be reached (PCIe 6.13).</summary>
    private bool Reaches(RequesterId target) => IsOpen
        && (target.Bus != Secondary || target.DeviceFunction < FunctionsPerDevice
            || (Registers.DeviceControl2 & RootPortCapability.AriForwarding) != 0);

    private bool Forwards(ulong address, int length)
    {
        ref BridgeRegisters registers = ref Registers;
        if ((registers.Command & CommandBits.MemorySpace) == 0 || !IsOpen)
            return false;
        ulong last = address + (ulong)Math.Max(length, 1) - 1;
        return Window(registers.MemoryWindow, 0, 0, address, last)
            || Window(registers.PrefetchableWindow, registers.PrefetchableBaseUpper, registers.PrefetchableLimitUpper, address, last);
    }

    private static bool Window(uint window, uint baseUpper, uint limitUpper, ulong address, ulong last)
    {
        ulong first = ((ulong)baseUpper << 32) | ((window & 0xFFF0) << 16);
        ulong limit = ((ulong)limitUpper << 32) | (window & 0xFFF0_0000) | 0xF_FFFF;
        return address >= first && last <= limit && last >= address;
    }
}
