using System.Buffers.Binary;
using SoftIov.Lab.Pci;
using SoftIov.Linux;
using SoftIov.Memory;

namespace SoftIov.Lab.Virtio;

/// <summary>
/// Driver side of the virtio PCI transport (virtio 1.4, 4.1): finds the structures, assigns BARs, negotiates, sets queues up. Each step of
/// the life cycle is a method of its own, so that a test can leave one out or do it wrong.
/// <code>
/// var transport = new VirtioPciTransport(device);   // capabilities, BARs, bus mastering
/// transport.Reset();
/// bool agreed = transport.TryNegotiate(wanted);     // ACKNOWLEDGE, DRIVER, features, FEATURES_OK
/// transport.ConnectInterrupts();
/// transport.EnableQueue(0, ring, vector: 1);
/// transport.Start();                                // DRIVER_OK
/// </code>
/// </summary>
public sealed class VirtioPciTransport : IQueueTransport
{
    /// <summary>VIRTIO_MSI_NO_VECTOR.</summary>
    public const ushort NoVector = 0xFFFF;

    private const int DeviceFeatureSelect = 0;
    private const int DeviceFeature = 4;
    private const int DriverFeatureSelect = 8;
    private const int DriverFeature = 12;
    private const int ConfigVector = 16;
    private const int NumQueues = 18;
    private const int StatusOffset = 20;
    private const int ConfigGeneration = 21;
    private const int QueueSelect = 22;
    private const int QueueSize = 24;
    private const int QueueVector = 26;
    private const int QueueEnable = 28;
    private const int QueueNotifyOff = 30;
    private const int QueueDesc = 32;
    private const int QueueDriver = 40;
    private const int QueueDevice = 48;
    private const int QueueReset = 58;

    private readonly Dictionary<int, ulong> _doorbells = [];
    private readonly MsixControl _msix;

    /// <summary>Finds everything in configuration space, assigns BARs, switches memory decoding and bus mastering on.</summary>
    public VirtioPciTransport(IPciDevice device)
    {
        ArgumentNullException.ThrowIfNull(device);
        Device = device;
        var structures = VirtioStructures.Read(device);
        Common = structures.Require(VirtioStructures.Common);
        NotifyRegion = structures.Require(VirtioStructures.Notify);
        Isr = structures.Require(VirtioStructures.Isr);
        DeviceConfig = structures.Require(VirtioStructures.Device);
        _msix = new MsixControl(device);
        VectorCount = _msix.VectorCount;
        PciBars.Assign(device);
        PciCommand.Enable(device);
    }

    /// <summary>The function.</summary>
    public IPciDevice Device { get; }

    /// <summary>Common configuration (4.1.4.3).</summary>
    public VirtioRegion Common { get; }

    /// <summary>Doorbells (4.1.4.4).</summary>
    public VirtioRegion NotifyRegion { get; }

    /// <summary>ISR status (4.1.4.5).</summary>
    public VirtioRegion Isr { get; }

    /// <summary>Device configuration (4.1.4.6).</summary>
    public VirtioRegion DeviceConfig { get; }

    /// <summary>MSI-X vectors; 0 without the capability.</summary>
    public int VectorCount { get; }

    /// <summary>Features agreed on by <see cref="TryNegotiate"/>.</summary>
    public VirtioFeature Features { get; private set; }

    /// <summary>Events of the vectors that <see cref="ConnectInterrupts"/> connected.</summary>
    public IReadOnlyList<EventFd> Interrupts { get; private set; } = [];

    /// <summary>device_status.</summary>
    public DeviceStatusBits Status
    {
        get => (DeviceStatusBits)Common.Read8(StatusOffset);
        set => Common.Write8(StatusOffset, (byte)value);
    }

    /// <summary>num_queues.</summary>
    public int QueueCount => Common.Read16(NumQueues);

    /// <summary>Features the device offers, bits 63:0.</summary>
    public VirtioFeature OfferedFeatures => (VirtioFeature)(ReadOffer(0) | ((ulong)ReadOffer(1) << 32));

    /// <summary>What of the agreed features concerns rings.</summary>
    public RingFeatures RingFeatures
    {
        get
        {
            RingFeatures ring = Has(VirtioFeature.IndirectDesc) ? RingFeatures.IndirectDescriptors : 0;
            ring |= Has(VirtioFeature.EventIdx) ? RingFeatures.EventIndex : 0;
            ring |= Has(VirtioFeature.RingPacked) ? RingFeatures.Packed : 0;
            return ring | (Has(VirtioFeature.InOrder) ? RingFeatures.InOrder : 0);
        }
    }

    /// <summary>Whether a feature was agreed on.</summary>
    public bool Has(VirtioFeature feature) => (Features & feature) == feature;

    /// <summary>Word <paramref name="select"/> of the features the device offers.</summary>
    public uint ReadOffer(uint select)
    {
        Common.Write32(DeviceFeatureSelect, select);
        return Common.Read32(DeviceFeature);
    }

    /// <summary>Word <paramref name="select"/> of the features the driver takes.</summary>
    public void WriteChoice(uint select, uint word)
    {
        Common.Write32(DriverFeatureSelect, select);
        Common.Write32(DriverFeature, word);
    }

    /// <summary>Resets the device and waits until it says so; throws when it does not.</summary>
    public void Reset()
    {
        Status = DeviceStatusBits.None;
        for (int tries = 0; Status != DeviceStatusBits.None; tries++)
        {
            if (tries == 1000)
                throw new TimeoutException($"{Device.Name} does not come out of its reset.");
            Thread.Sleep(1);
        }

        Features = VirtioFeature.None;
    }

    /// <summary>
    /// From reset to FEATURES_OK with those of the <paramref name="wanted"/> features that are offered; false when the device refuses them.
    /// </summary>
    public bool TryNegotiate(VirtioFeature wanted)
    {
        Status = DeviceStatusBits.Acknowledge;
        Status = DeviceStatusBits.Acknowledge | DeviceStatusBits.Driver;
        return TryChoose(wanted & OfferedFeatures);
    }

    /// <summary>Writes these very features, offered or not, and FEATURES_OK; whether the device let the bit stand.</summary>
    public bool TryChoose(VirtioFeature features)
    {
        WriteChoice(0, (uint)features);
        WriteChoice(1, (uint)((ulong)features >> 32));
        Status |= DeviceStatusBits.FeaturesOk;
        bool isAgreed = (Status & DeviceStatusBits.FeaturesOk) != 0;
        Features = isAgreed ? features : VirtioFeature.None;
        return isAgreed;
    }

    /// <summary>Connects all vectors and switches MSI-X on; vector 0 is for configuration changes.</summary>
    public void ConnectInterrupts()
    {
        Interrupts = _msix.Connect();
        if (VectorCount > 0)
            Common.Write16(ConfigVector, 0);
    }

    /// <summary>queue_size of a queue as it reads now: after a reset the largest it may be, 0 when there is no such queue.</summary>
    public int QueueSizeOf(int queue)
    {
        Common.Write16(QueueSelect, (ushort)queue);
        return Common.Read16(QueueSize);
    }

    /// <summary>Gives the device a ring and enables the queue; returns the vector as the device took it.</summary>
    public ushort EnableQueue(int queue, DriverVirtqueue ring, ushort vector = NoVector)
    {
        ArgumentNullException.ThrowIfNull(ring);
        Common.Write16(QueueSelect, (ushort)queue);
        Common.Write16(QueueSize, (ushort)ring.Size);
        Common.Write16(QueueVector, vector);
        Common.Write64(QueueDesc, ring.DescriptorArea);
        Common.Write64(QueueDriver, ring.DriverArea);
        Common.Write64(QueueDevice, ring.DeviceArea);
        _doorbells[queue] = NotifyRegion.Offset + ((ulong)Common.Read16(QueueNotifyOff) * NotifyRegion.Multiplier);
        ushort taken = Common.Read16(QueueVector);
        Common.Write16(QueueEnable, 1);
        return taken;
    }

    /// <summary>Resets one queue (VIRTIO_F_RING_RESET) and waits until that is done. The ring is to be reset too.</summary>
    public void ResetQueue(int queue)
    {
        Common.Write16(QueueSelect, (ushort)queue);
        Common.Write16(QueueReset, 1);
        while (Common.Read16(QueueReset) != 0)
            Thread.Sleep(1);
    }

    /// <inheritdoc/>
    string IQueueTransport.DeviceName => Device.Name;

    /// <inheritdoc/>
    EventFd? IQueueTransport.InterruptOf(int queue) => queue + 1 < Interrupts.Count ? Interrupts[queue + 1] : null;

    /// <summary>DRIVER_OK.</summary>
    public void Start() => Status |= DeviceStatusBits.DriverOk;

    /// <summary>Rings a queue's doorbell.</summary>
    public void Kick(int queue)
    {
        Span<byte> bytes = stackalloc byte[sizeof(ushort)];
        BinaryPrimitives.WriteUInt16LittleEndian(bytes, (ushort)queue);
        Device.PostBar(NotifyRegion.Bar, _doorbells[queue], bytes);
    }

    /// <summary>Reads device configuration until no change came in between.</summary>
    public void ReadDeviceConfig(int offset, Span<byte> destination)
    {
        byte before;
        do
        {
            before = Common.Read8(ConfigGeneration);
            DeviceConfig.Read(offset, destination);
        }
        while (before != Common.Read8(ConfigGeneration));
    }
}
