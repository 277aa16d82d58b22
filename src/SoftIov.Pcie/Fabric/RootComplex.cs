using System.Buffers.Binary;
using SoftIov.Memory;

namespace SoftIov.Pcie;

/// <summary>
/// Bus 0 with a root port for each device: routes configuration by routing id, memory by address, messages upwards. What nobody claims
/// reads all ones and swallows writes, as an unsupported request looks to a CPU.
/// </summary>
internal sealed class RootComplex : IConfigAccess, IDisposable
{
    private const uint RetryVendorId = 0xFFFF_0001;

    private readonly RootPort[] _ports;
    private readonly StatePage<BridgeRegisters>[] _pages;
    private readonly DmaFaultLog _faults;
    private readonly IStateStore _state;
    private readonly string _name;
    private readonly Occupancy _access = new();
    private int _isFreed;
    private bool _isMasterEnabled = true;
    private long _errorMessages;

    public RootComplex(IReadOnlyList<IBusDevice> devices, IStateStore state, DmaFaultLog faults, string name)
    {
        _faults = faults;
        _state = state;
        _name = name;
        _ports = new RootPort[devices.Count];
        _pages = new StatePage<BridgeRegisters>[devices.Count];
        for (int i = 0; i < _ports.Length; i++)
        {
            _pages[i] = state.Create<BridgeRegisters>(PageName(i));
            _ports[i] = new RootPort(this, PortId(i), devices[i], _pages[i]);
        }
    }

    /// <summary>Where interrupt messages end; null drops them.</summary>
    public IMessageSignal? Interrupts { get; set; }

    /// <summary>Error messages received.</summary>
    public long ErrorMessages => Volatile.Read(ref _errorMessages);

    /// <summary>The last error message received.</summary>
    public ErrorMessage LastError { get; private set; }

    /// <summary>Configuration space of port <paramref name="index"/>.</summary>
    public RootPort Port(int index) => _ports[index];

    /// <summary>Routing id of port <paramref name="index"/>: device number on bus 0.</summary>
    public static RequesterId PortId(int index) => new((ushort)(index << 3));

    public uint Read(RequesterId target, int offset, int width)
    {
        if (!_access.TryEnter())
            return AllOnes(width);
        try
        {
            uint value = 0;
            for (int done = 0; done < width;)
            {
                int lane = (offset + done) & 3;
                int part = Math.Min(width - done, sizeof(uint) - lane);
                value |= ((ReadRegister(target, offset + done - lane) >> (8 * lane)) & AllOnes(part)) << (8 * done);
                done += part;
            }

            return value;
        }
        finally
        {
            Leave();
        }
    }

    public void Write(RequesterId target, int offset, int width, uint value)
    {
        if (!_access.TryEnter())
            return;
        try
        {
            Span<byte> bytes = stackalloc byte[sizeof(uint)];
            BinaryPrimitives.WriteUInt32LittleEndian(bytes, value);
            for (int done = 0; done < width;)
            {
                int lane = (offset + done) & 3;
                int part = Math.Min(width - done, sizeof(uint) - lane);
                WriteRegister(target, offset + done - lane, DwordWrite.FromBytes(lane, bytes.Slice(done, part)));
                done += part;
            }
        }
        finally
        {
            Leave();
        }
    }

    /// <summary>Whether there is a function, and its link is up: also one that answers with retry status, or not at all by a fault.</summary>
    public bool IsPresent(RequesterId target)
    {
        if (!_access.TryEnter())
            return false;
        try
        {
            return target.Bus == 0 ? PortAt(target) is not null : PortLeadingTo(target.Bus)?.IsPresent(target) == true;
        }
        finally
        {
            Leave();
        }
    }

    /// <summary>Whether anything below may reach memory and interrupts at all; false while the face that serves it whole is no bus master.</summary>
    public bool IsMasterEnabled => Volatile.Read(ref _isMasterEnabled);

    /// <summary>Sets <see cref="IsMasterEnabled"/>; when it returns with false all DMA has stopped.</summary>
    public void EnableMaster(bool on)
    {
        if (on == IsMasterEnabled || !_access.TryEnter())
            return;
        try
        {
            Volatile.Write(ref _isMasterEnabled, on);
            foreach (RootPort port in _ports)
                port.UpstreamChanged();
        }
        finally
        {
            Leave();
        }
    }

    /// <summary>All that is on the buses is as after power-on, but for sticky registers.</summary>
    public void Reset() => Reset(static port => port.Reset());

    /// <summary>Power went off and on: all that is on the buses is as at power-on.</summary>
    public void ColdReset() => Reset(static port => port.ColdReset());

    /// <summary>Cuts the link below a port, or lets it be up again.</summary>
    public void CutLink(int port, bool isCut)
    {
        if (!_access.TryEnter())
            return;
        try
        {
            _ports[port].Cut(isCut);
        }
        finally
        {
            Leave();
        }
    }

    /// <summary>Reads memory space; all ones and false when nobody claims it.</summary>
    public bool ReadMemory(ulong address, Span<byte> destination)
    {
        if (_access.TryEnter())
        {
            try
            {
                foreach (RootPort port in _ports)
                {
                    if (port.ReadMemory(address, destination) == Completion.Success)
                        return true;
                }
            }
            finally
            {
                Leave();
            }
        }

        destination.Fill(0xFF);
        return false;
    }

    /// <summary>Writes memory space; false when nobody claims it.</summary>
    public bool WriteMemory(ulong address, ReadOnlySpan<byte> source)
    {
        if (!_access.TryEnter())
            return false;
        try
        {
            foreach (RootPort port in _ports)
            {
                if (port.WriteMemory(address, source) == Completion.Success)
                    return true;
            }

            return false;
        }
        finally
        {
            Leave();
        }
    }

    /// <summary>A message that passed its port.</summary>
    public void Deliver(in InterruptMessage message) => Interrupts?.Send(message);

    /// <summary>A message whose routing id does not live below the port it came through (source id verification).</summary>
    public void Refuse(in InterruptMessage message) =>
        _faults.Record(new(message.Requester, message.Address, IsWrite: true, DmaFaultReason.InterruptSourceMismatch));

    public void CountError(in ErrorMessage message)
    {
        Interlocked.Increment(ref _errorMessages);
        LastError = message;
    }

    /// <summary>From now on nothing answers. Comes after the devices are gone.</summary>
    public void Dispose()
    {
        _access.TryClose();
        FreeWhenOver();
    }

    private static uint AllOnes(int width) => uint.MaxValue >> (8 * (sizeof(uint) - width));

    private void Reset(Action<RootPort> reset)
    {
        if (!_access.TryEnter())
            return;
        try
        {
            foreach (RootPort port in _ports)
                reset(port);
        }
        finally
        {
            Leave();
        }
    }

    private void Leave()
    {
        _access.Leave();
        FreeWhenOver();
    }

    /// <summary>Someone may be inside while the adapter goes: the last to leave frees the registers.</summary>
    private void FreeWhenOver()
    {
        if (!_access.IsOver || Interlocked.Exchange(ref _isFreed, 1) != 0)
            return;
        for (int i = 0; i < _pages.Length; i++)
        {
            _pages[i].Dispose();
            _state.Remove(PageName(i));
        }
    }

    private string PageName(int port) => $"{_name}/port{port}";

    private uint ReadRegister(RequesterId target, int register)
    {
        Completion completion = ReadDword(target, register, out uint value);
        return completion switch
        {
            Completion.Success => value,
            Completion.RequestRetry when register == 0 && IsRetryVisible(target) => RetryVendorId,
            _ => uint.MaxValue,
        };
    }

    private void WriteRegister(RequesterId target, int register, DwordWrite write)
    {
        if (target.Bus == 0)
            PortAt(target)?.Config.WriteDword(register, write);
        else
            PortLeadingTo(target.Bus)?.WriteConfig(target, register, write);
    }

    private Completion ReadDword(RequesterId target, int register, out uint value)
    {
        value = uint.MaxValue;
        if (target.Bus != 0)
            return PortLeadingTo(target.Bus) is { } leading ? leading.ReadConfig(target, register, out value) : Completion.UnsupportedRequest;
        if (PortAt(target) is not { } port)
            return Completion.UnsupportedRequest;
        value = port.Config.ReadDword(register);
        return Completion.Success;
    }

    private bool IsRetryVisible(RequesterId target) =>
        PortLeadingTo(target.Bus) is { } port && (port.Registers.RootControl & RootPortCapability.RetryVisibility) != 0;

    private RootPort? PortAt(RequesterId target)
    {
        int device = target.DeviceFunction >> 3;
        return (target.DeviceFunction & 7) == 0 && device < _ports.Length ? _ports[device] : null;
    }

    private RootPort? PortLeadingTo(byte bus)
    {
        foreach (RootPort port in _ports)
        {
            if (port.Leads(bus))
                return port;
        }

        return null;
    }
}
