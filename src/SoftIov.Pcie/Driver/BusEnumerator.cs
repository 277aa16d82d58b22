using SoftIov.Memory;

namespace SoftIov.Pcie;

/// <summary>
/// Brings the bus below one root port up as system software does: bus numbers, ARI forwarding, sizes and addresses of BARs, windows of the
/// port, memory decoding.
/// </summary>
internal sealed class BusEnumerator
{
    private const byte SecondaryBus = 1;
    private const byte LastBus = 0xFF;
    private const int BusNumbers = 0x18;
    private const int MemoryWindowRegister = 0x20;
    private const int PrefetchableWindowRegister = 0x24;
    private const int Command = 0x04;
    private const int Bars = 0x10;
    private const int BridgeControl = 0x3E;
    private const byte PcieCapabilityId = 0x10;
    private const ushort AriCapabilityId = 0x0E;
    private const int DeviceCapabilities2 = 0x24;
    private const int DeviceControl2 = 0x28;

    private readonly ConfigPort _port;
    private readonly MemoryWindow _below4G = new(0x8000_0000, 0xFE00_0000);
    private readonly MemoryWindow _above4G = new(0x40_0000_0000, 1UL << 46);

    public BusEnumerator(IConfigAccess access, RequesterId port)
    {
        _port = new(access, port);
        Physical = new(access, new(SecondaryBus << 8));
    }

    /// <summary>The first function below the port.</summary>
    public ConfigPort Physical { get; }

    /// <summary>True when the port forwards ARI.</summary>
    public bool ForwardsAri { get; private set; }

    /// <summary>Numbers the buses, all that are left for the VFs, and looks whether a function answers.</summary>
    public void NumberBuses()
    {
        _port.Write32(BusNumbers, (SecondaryBus << 8) | (LastBus << 16));
        ushort vendor = Physical.Read16(0);
        if (vendor is 0xFFFF or 0 or 1)
            throw new PfDriverException(PfDriverError.NoDevice, "no function answers below the root port");

        // Type 0 writes tell the device its bus number.
        Physical.Write16(Command, 0);
        int express = _port.FindCapability(PcieCapabilityId);
        ForwardsAri = (_port.Read32(express + DeviceCapabilities2) & RootPortCapability.AriForwarding) != 0
            && Physical.FindExtended(AriCapabilityId) != 0;
        ushort control = (ushort)(_port.Read16(express + DeviceControl2) & ~RootPortCapability.AriForwarding);
        _port.Write16(express + DeviceControl2, (ushort)(control | (ForwardsAri ? RootPortCapability.AriForwarding : 0)));
    }

    /// <summary>Assigns the PF's BARs.</summary>
    public void AssignPhysicalBars()
    {
        if (!TryAssign(Physical, Bars, copies: 1))
            throw new PfDriverException(PfDriverError.NoAddressSpace, "the PF's BARs do not fit below the root port");
    }

    /// <summary>Assigns the six BARs at <paramref name="offset"/>, each <paramref name="copies"/> times its size.</summary>
    public bool TryAssign(ConfigPort function, int offset, int copies)
    {
        BarDescription[] bars = function.SizeBars(offset);
        for (int i = 0; i < bars.Length; i++)
        {
            if (bars[i].Kind == BarKind.None)
                continue;

            // What is not prefetchable must stay below 4 GiB: a bridge's window for it has 32 bits.
            MemoryWindow window = bars[i].Kind == BarKind.Memory64Prefetchable ? _above4G : _below4G;
            if (!window.TryTake((UInt128)bars[i].Size * (uint)copies, bars[i].Size, out ulong address))
                return false;
            function.WriteBar(offset, i, bars[i].Kind, address);
        }

        return true;
    }

    /// <summary>Opens the port for what was assigned, and turns decoding on.</summary>
    public void Open()
    {
        if (!_below4G.IsEmpty)
        {
            uint limit = (uint)_below4G.Limit & 0xFFF0_0000;
            _port.Write32(MemoryWindowRegister, limit | (uint)(_below4G.Start >> 16));
        }

        if (!_above4G.IsEmpty)
        {
            uint limit = (uint)_above4G.Limit & 0xFFF0_0000;
            _port.Write32(PrefetchableWindowRegister, limit | (uint)(_above4G.Start & 0xFFF0_0000) >> 16);
            _port.Write32(PrefetchableWindowRegister + 4, (uint)(_above4G.Start >> 32));
            _port.Write32(PrefetchableWindowRegister + 8, (uint)(_above4G.Limit >> 32));
        }

        _port.Write16(BridgeControl, (ushort)(_port.Read16(BridgeControl) | BridgeHeader.SystemErrorEnable));
        _port.Write16(Command, CommandBits.MemorySpace | CommandBits.BusMaster);
        Physical.Write16(Command, CommandBits.MemorySpace);
    }
}
