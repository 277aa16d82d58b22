using System.Buffers.Binary;
using SoftIov.Lab.Pci;

namespace SoftIov.Lab.Virtio;

/// <summary>
/// A virtio network driver (virtio 1.4, 5.1): brings the function up, gives it buffers, sends and receives.
/// <code>
/// using var memory = DriverMemory.CreateShared("guest", options.MemoryNeeded);
/// using var driver = VirtioNetDriver.Open(device, memory, options);
/// driver.TrySend(frame);
/// if (driver.WaitForFrame(TimeSpan.FromSeconds(1)))
///     length = driver.TryReceive(buffer);
/// </code>
/// </summary>
public sealed class VirtioNetDriver : IDisposable
{
    private const int ConfigMac = 0;
    private const int ConfigStatus = 6;
    private const int ConfigMaxPairs = 8;
    private const int ConfigMtu = 10;
    private const int QueuesPerPair = 2;

    private readonly NetDriverPair[] _pairs;
    private readonly DriverMemory _memory;
    private readonly ControlChannel? _control;

    private VirtioNetDriver(VirtioPciTransport transport, DriverMemory memory, NetDriverOptions options)
    {
        Transport = transport;
        _memory = memory;
        int most = transport.Has(VirtioFeature.Mq) ? ReadConfig16(ConfigMaxPairs) : 1;
        _pairs = new NetDriverPair[Math.Min(options.QueuePairs, most)];
        for (int i = 0; i < _pairs.Length; i++)
            _pairs[i] = new NetDriverPair(transport, memory, options, i);
        if (transport.Has(VirtioFeature.CtrlVq))
        {
            ControlIndex = QueuesPerPair * most;
            _control = new ControlChannel(transport, memory, ControlIndex);
        }
    }

    /// <summary>The transport, for whatever the driver does not do.</summary>
    public VirtioPciTransport Transport { get; }

    /// <summary>Features agreed on.</summary>
    public VirtioFeature Features => Transport.Features;

    /// <summary>Pairs in use.</summary>
    public IReadOnlyList<NetDriverPair> Pairs => _pairs;

    /// <summary>Virtqueue index of the control queue, when there is one.</summary>
    public int ControlIndex { get; }

    /// <summary>mac of the device configuration: 6 bytes.</summary>
    public byte[] MacAddress
    {
        get
        {
            var address = new byte[6];
            Transport.ReadDeviceConfig(ConfigMac, address);
            return address;
        }
    }

    /// <summary>LINK_UP.</summary>
    public bool LinkUp => (ReadConfig16(ConfigStatus) & 1) != 0;

    /// <summary>mtu of the device configuration.</summary>
    public int Mtu => ReadConfig16(ConfigMtu);

    /// <summary>
    /// Maps the memory, resets the function, negotiates, sets queues up and starts. The memory has <see cref="NetDriverOptions.MemoryNeeded"/>
    /// bytes free and stays the caller's; the mapping ends with the driver.
    /// </summary>
    public static VirtioNetDriver Open(IPciDevice device, DriverMemory memory, NetDriverOptions? options = null)
    {
        ArgumentNullException.ThrowIfNull(device);
        ArgumentNullException.ThrowIfNull(memory);
        options ??= new NetDriverOptions();
        device.MapMemory(memory);
        var transport = new VirtioPciTransport(device);
        transport.Reset();
        if (!transport.TryNegotiate(options.Features))
            throw new InvalidOperationException($"{device.Name} refuses features {options.Features & transport.OfferedFeatures}.");

        transport.ConnectInterrupts();
        var driver = new VirtioNetDriver(transport, memory, options);
        driver.Start();
        return driver;
    }

    /// <summary>Sends a frame on the first pair; false when there is no room.</summary>
    public bool TrySend(ReadOnlySpan<byte> frame) => _pairs[0].TrySend(default, frame);

    /// <summary>Takes the next frame of the first pair; returns its length, or -1 when there is none.</summary>
    public int TryReceive(Span<byte> frame) => _pairs[0].TryReceive(frame, out _);

    /// <summary>Sleeps until the first pair has a frame; false when the time is over.</summary>
    public bool WaitForFrame(TimeSpan atMost) => _pairs[0].WaitForFrame(atMost);

    /// <summary>Sends a control command; the device's answer: 0 OK, 1 ERR, 255 none.</summary>
    public byte Command(byte category, byte command, ReadOnlySpan<byte> data) =>
        (_control ?? throw new InvalidOperationException($"{Transport.Device.Name} has no control queue.")).Send(category, command, data);

    /// <summary>VIRTIO_NET_CTRL_RX_PROMISC.</summary>
    public bool SetPromiscuous(bool isOn) => Command(0, 0, [(byte)(isOn ? 1 : 0)]) == 0;

    /// <summary>VIRTIO_NET_CTRL_RX_ALLMULTI.</summary>
    public bool SetAllMulticast(bool isOn) => Command(0, 1, [(byte)(isOn ? 1 : 0)]) == 0;

    /// <summary>VIRTIO_NET_CTRL_MAC_ADDR_SET.</summary>
    public bool SetMacAddress(ReadOnlySpan<byte> address) => Command(1, 1, address) == 0;

    /// <summary>VIRTIO_NET_CTRL_VLAN_ADD or DEL.</summary>
    public bool SetVlan(ushort vlan, bool isWanted) => Command(2, (byte)(isWanted ? 0 : 1), [(byte)vlan, (byte)(vlan >> 8)]) == 0;

    /// <summary>VIRTIO_NET_CTRL_MQ_VQ_PAIRS_SET.</summary>
    public bool SetQueuePairs(int pairs) => Command(4, 0, [(byte)pairs, (byte)(pairs >> 8)]) == 0;

    /// <summary>VIRTIO_NET_CTRL_GUEST_OFFLOADS_SET.</summary>
    public bool SetGuestOffloads(VirtioFeature offloads)
    {
        Span<byte> data = stackalloc byte[sizeof(ulong)];
        BinaryPrimitives.WriteUInt64LittleEndian(data, (ulong)offloads);
        return Command(5, 0, data) == 0;
    }

    /// <summary>Resets the function and takes the memory away from it.</summary>
    public void Dispose()
    {
        Transport.Reset();
        Transport.Device.UnmapMemory(_memory);
    }

    private void Start()
    {
        foreach (NetDriverPair pair in _pairs)
        {
            Enable(pair.ReceiveIndex, pair.Receive);
            Enable(pair.TransmitIndex, pair.Transmit);
        }

        if (_control is not null)
            Transport.EnableQueue(ControlIndex, _control.Ring);
        Transport.Start();
        foreach (NetDriverPair pair in _pairs)
            pair.FlushReceives();
        if (_pairs.Length > 1 && !SetQueuePairs(_pairs.Length))
            throw new InvalidOperationException($"{Transport.Device.Name} refuses {_pairs.Length} queue pairs.");
    }

    private void Enable(int queue, DriverVirtqueue ring) =>
        Transport.EnableQueue(queue, ring, queue + 1 < Transport.VectorCount ? (ushort)(queue + 1) : VirtioPciTransport.NoVector);

    private ushort ReadConfig16(int offset)
    {
        Span<byte> bytes = stackalloc byte[sizeof(ushort)];
        Transport.ReadDeviceConfig(offset, bytes);
        return BinaryPrimitives.ReadUInt16LittleEndian(bytes);
    }
}
