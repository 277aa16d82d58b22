using SoftIov.Memory;

namespace SoftIov.Pcie;

/// <summary>
/// A root port with one device below it: forwards configuration by bus number, memory by its windows, and checks what comes up. An absent
/// function is an unsupported request.
/// </summary>
internal sealed class RootPort : IUpstreamPort
{
    /// <summary>The generic PCIe root port that virtual machines have.</summary>
    public const ushort VendorId = 0x1B36;

    public const ushort DeviceId = 0x000C;

    private const int FunctionsPerDevice = 8;

    private readonly RootComplex _complex;
    private readonly IBusDevice _device;
    private readonly StatePage<BridgeRegisters> _page;

    public RootPort(RootComplex complex, IBusDevice device, StatePage<BridgeRegisters> page)
    {
        _complex = complex;
        _device = device;
        _page = page;
        _page.Value = BridgeRegisters.AtPowerOn;
        Config = new ConfigSpace(new BridgeHeader(this), [new RootPortPowerCapability(this), new RootPortCapability(this)], []);
        device.Connect(this);
    }

    public ConfigSpace Config { get; }

    public ref BridgeRegisters Registers => ref _page.Value;

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

    public Completion ReadMemory(ulong address, Span<byte> destination) => Forwards(address, destination.Length)
        ? _device.ReadMemory(address, destination)
        : Completion.UnsupportedRequest;

    public Completion WriteMemory(ulong address, ReadOnlySpan<byte> source) => Forwards(address, source.Length)
        ? _device.WriteMemory(address, source)
        : Completion.UnsupportedRequest;

    /// <summary>Secondary Bus Reset went to 1.</summary>
    public void ResetSecondaryBus() => _device.HotReset();

    public void Report(in ErrorMessage message)
    {
        Registers.DeviceStatus |= (ushort)(message.IsFatal ? 1 << 2 : 1 << 1);
        _complex.CountError(message);
    }

    public void Send(in InterruptMessage message)
    {
        if (!Leads(message.Requester.Bus))
            _complex.Refuse(message);
        else if ((Registers.Command & CommandBits.BusMaster) != 0)
            _complex.Deliver(message);
    }

    /// <summary>Without ARI forwarding only device 0 of the link's bus can be reached (PCIe 6.13).</summary>
    private bool Reaches(RequesterId target) => target.Bus != Secondary || target.DeviceFunction < FunctionsPerDevice
        || (Registers.DeviceControl2 & RootPortCapability.AriForwarding) != 0;

    private bool Forwards(ulong address, int length)
    {
        ref BridgeRegisters registers = ref Registers;
        if ((registers.Command & CommandBits.MemorySpace) == 0 || registers.PowerControl != 0)
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
