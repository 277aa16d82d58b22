using System.Buffers.Binary;
using SoftIov.Memory;

namespace SoftIov.Pcie;

/// <summary>
/// A whole adapter as one endpoint: the face of a volume management device, for which stock Linux has a driver that opens a PCI domain of
/// its own behind the endpoint's BARs (Linux drivers/pci/controller/vmd.c). BAR 0 is the configuration space of the domain (ECAM), BARs 2
/// and 4 are its memory. Interrupts of the functions are their own messages, sent as memory writes: the endpoint then has no MSI-X, so it
/// can be unplugged; or they are remapped to vectors of the endpoint. All functions share the client's map, each behind its own bus master
/// bit.
/// </summary>
internal sealed class VmdEndpoint : IEndpoint, IMessageSignal
{
    private const int ConfigBar = 0;
    private const int HeaderTypeOffset = 0x0E;

    /// <summary>Where a message of a function names the endpoint's vector (Linux vmd.c, vmd_compose_msi_msg).</summary>
    private const int RemappedVectorShift = 12;
    private const int RemappedVectorMask = 0xFF;

    private readonly RootComplex _complex;
    private readonly SriovDevice _device;
    private readonly VmdConfig _config;
    private readonly bool _remaps;
    private IInterruptSink? _interrupts;
    private long _lostMessages;

    /// <summary>The face of <paramref name="device"/> below <paramref name="complex"/>; nothing is served before <see cref="Take"/>.</summary>
    public VmdEndpoint(string name, RootComplex complex, SriovDevice device, DmaDomain dma, VmdLayout layout, WholeInterrupts interrupts)
    {
        _remaps = interrupts == WholeInterrupts.Remapped;
        Name = name;
        Dma = dma;
        _complex = complex;
        _device = device;
        _config = new VmdConfig(layout, interrupts, SetBusMaster, Reset);
    }

    /// <inheritdoc/>
    public string Name { get; }

    /// <inheritdoc/>
    public int ConfigSize => VmdConfig.Size;

    /// <inheritdoc/>
    public int MsixVectorCount => _remaps ? VmdConfig.RemappedVectors : 0;

    /// <inheritdoc/>
    public int MsiVectorCount => 0;

    /// <inheritdoc/>
    public bool HasIntx => false;

    /// <inheritdoc/>
    public bool IntxAsserted => false;

    /// <inheritdoc/>
    public DmaDomain Dma { get; }

    /// <inheritdoc/>
    public IInterruptSink? Interrupts
    {
        get => Volatile.Read(ref _interrupts);
        set => Volatile.Write(ref _interrupts, value);
    }

    /// <summary>
    /// The client enabled VFs, so many are there now, or disabled them: 0; by a write to the bus, or (true) by a reset of it all. Raised on
    /// the client's thread.
    /// </summary>
    public event Action<int, bool>? VfsChanged;

    /// <summary>Messages that could not be sent: no client, not bus master, or a client that does not read. Any thread.</summary>
    public long LostMessages => Volatile.Read(ref _lostMessages);

    /// <inheritdoc/>
    public BarDescription Bar(int index) => _config.Layout.Bars[index];

    /// <inheritdoc/>
    public void ReadConfig(int offset, Span<byte> destination) => _config.Read(offset, destination);

    /// <inheritdoc/>
    public void WriteConfig(int offset, ReadOnlySpan<byte> source) => _config.Write(offset, source);

    /// <inheritdoc/>
    public void ReadBar(int index, ulong offset, Span<byte> destination)
    {
        if (index == ConfigBar)
            ReadDomainConfig(offset, destination);
        else
            _complex.ReadMemory(_config.BarBase(index) + offset, destination);
    }

    /// <inheritdoc/>
    public void WriteBar(int index, ulong offset, ReadOnlySpan<byte> source)
    {
        if (index == ConfigBar)
            WriteDomainConfig(offset, source);
        else
            _complex.WriteMemory(_config.BarBase(index) + offset, source);
    }

    /// <summary>The client resets the endpoint: all that is behind it is reset with it, but for sticky registers.</summary>
    public void Reset() => Reset(isCold: false);

    /// <inheritdoc/>
    public void ColdReset() => Reset(isCold: true);

    /// <inheritdoc/>
    public void MsixConnected(int vector)
    {
    }

    /// <inheritdoc/>
    public void MsiConnected(int vector)
    {
    }

    /// <summary>From now on the functions use the client's memory and send it their messages; nothing is left of who had them before.</summary>
    public void Take()
    {
        ColdReset();
        _device.ShareDma(Dma);
        _complex.Interrupts = this;
    }

    /// <summary>The functions are on their own again, as at power-on.</summary>
    public void Release()
    {
        ColdReset();
        _complex.Interrupts = null;
        _device.ShareDma(null);
        _complex.EnableMaster(true);
    }

    private int VfCount => _device.Engines[0].Count;

    void IMessageSignal.Send(in InterruptMessage message)
    {
        IInterruptSink? client = Dma.BusMasterEnable ? Interrupts : null;
        bool isSent = _remaps
            ? client?.SignalMsix((int)(message.Address >> RemappedVectorShift) & RemappedVectorMask) == true
            : client?.SignalMessage(message.Address, message.Data) == true;
        if (!isSent)
            Interlocked.Increment(ref _lostMessages);
    }

    private void Reset(bool isCold)
    {
        int vfs = VfCount;
        _config.Reset();
        SetBusMaster(false);
        if (isCold)
            _complex.ColdReset();
        else
            _complex.Reset();
        TellChange(vfs, isReset: true);
    }

    private void TellChange(int before, bool isReset)
    {
        int now = VfCount;
        if (now != before)
            VfsChanged?.Invoke(now, isReset);
    }

    /// <summary>Without it no function behind the endpoint reaches the client's memory.</summary>
    private void SetBusMaster(bool on)
    {
        Dma.BusMasterEnable = on;
        _complex.EnableMaster(on);
    }

    /// <summary>One function after the other, 4 KiB each; an access that crosses into the next is split as a bus would refuse to do.</summary>
    private void ReadDomainConfig(ulong offset, Span<byte> destination)
    {
        Span<byte> bytes = stackalloc byte[sizeof(uint)];
        while (!destination.IsEmpty)
        {
            int width = WidthAt(offset, destination.Length);
            var target = new RequesterId((ushort)(offset >> 12));
            int register = (int)(offset & 0xFFF);
            uint value = _complex.Read(target, register, width);

            // The driver scans header types of all buses; all ones of an absent function would look like one with eight functions.
            if (register == HeaderTypeOffset && width == 1 && value == 0xFF && !_complex.IsPresent(target))
                value = 0;
            BinaryPrimitives.WriteUInt32LittleEndian(bytes, value);
            bytes[..width].CopyTo(destination);
            destination = destination[width..];
            offset += (ulong)width;
        }
    }

    private void WriteDomainConfig(ulong offset, ReadOnlySpan<byte> source)
    {
        int vfs = VfCount;
        Span<byte> bytes = stackalloc byte[sizeof(uint)];
        while (!source.IsEmpty)
        {
            int width = WidthAt(offset, source.Length);
            bytes.Clear();
            source[..width].CopyTo(bytes);
            _complex.Write(
                new RequesterId((ushort)(offset >> 12)), (int)(offset & 0xFFF), width, BinaryPrimitives.ReadUInt32LittleEndian(bytes));
            source = source[width..];
            offset += (ulong)width;
        }

        TellChange(vfs, isReset: false);
    }

    /// <summary>The largest naturally aligned access at <paramref name="offset"/>.</summary>
    private static int WidthAt(ulong offset, int length)
    {
        int width = length >= sizeof(uint) ? sizeof(uint) : length >= sizeof(ushort) ? sizeof(ushort) : 1;
        while (offset % (ulong)width != 0)
            width >>= 1;
        return width;
    }
}
