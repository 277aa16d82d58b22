using System.Buffers.Binary;
using SoftIov.Lab.Pci;
using SoftIov.Lab.Virtio;
using SoftIov.Linux;
using SoftIov.Memory;

namespace SoftIov.Lab.VhostUser;

/// <summary>
/// A vhost-user front-end and the network driver in one: negotiates, shares its memory, sets rings up, sends and receives. Does in the order
/// QEMU does it.
/// <code>
/// using var memory = DriverMemory.CreateShared("guest", options.Driver.MemoryNeeded);
/// using var driver = VhostUserNetDriver.Open(FrontEndChannel.Connect(path), memory, options);
/// </code>
/// </summary>
public sealed class VhostUserNetDriver : IQueueTransport, IDisposable
{
    private const ulong ProtocolFeaturesBit = 1UL << 30;
    private const ulong AccessPlatformBit = 1UL << 33;

    /// <summary>What a guest's own addresses are more than those of its IOMMU.</summary>
    private const ulong GuestOffset = 1UL << 32;

    private readonly FrontEndOptions _options;
    private readonly List<EventFd> _kicks = [];
    private readonly List<EventFd> _calls = [];
    private readonly List<EventFd> _errors = [];
    private readonly List<NetDriverPair> _pairs = [];
    private byte[] _inflightDescription = [];

    private VhostUserNetDriver(FrontEndChannel channel, DriverMemory memory, FrontEndOptions options)
    {
        Channel = channel;
        Memory = memory;
        _options = options;
    }

    /// <summary>The connection.</summary>
    public FrontEndChannel Channel { get; private set; }

    /// <summary>What is shared.</summary>
    public DriverMemory Memory { get; }

    /// <summary>What the back-end offers.</summary>
    public ulong OfferedFeatures { get; private set; }

    /// <summary>Protocol features agreed on.</summary>
    public ulong ProtocolFeatures { get; private set; }

    /// <summary>Features agreed on.</summary>
    public VirtioFeature Features { get; private set; }

    /// <summary>What the back-end has in flight; null when it is not kept.</summary>
    public FileDescriptor? Inflight { get; private set; }

    /// <summary>What is in front of the device; null when nothing is.</summary>
    public FrontEndIommu? Iommu { get; private set; }

    /// <summary>Pairs in use.</summary>
    public IReadOnlyList<NetDriverPair> Pairs => _pairs;

    /// <inheritdoc/>
    string IQueueTransport.DeviceName => "the back-end";

    /// <inheritdoc/>
    public RingFeatures RingFeatures =>
        (Has(VirtioFeature.RingPacked) ? RingFeatures.Packed : 0)
        | (Has(VirtioFeature.EventIdx) ? RingFeatures.EventIndex : 0)
        | (Has(VirtioFeature.IndirectDesc) ? RingFeatures.IndirectDescriptors : 0)
        | (Has(VirtioFeature.InOrder) ? RingFeatures.InOrder : 0);

    private bool IsPacked => Has(VirtioFeature.RingPacked);

    /// <summary>A driver whose rings run.</summary>
    public static VhostUserNetDriver Open(FrontEndChannel channel, DriverMemory memory, FrontEndOptions? options = null)
    {
        var driver = new VhostUserNetDriver(channel, memory, options ?? new FrontEndOptions());
        driver.Negotiate();
        if (driver._options.TracksInflight)
            driver.AskForInflight();
        driver.ShareMemory();
        for (int pair = 0; pair < driver._options.Driver.QueuePairs; pair++)
            driver._pairs.Add(new NetDriverPair(driver, memory, driver._options.Driver, pair));
        for (int ring = 0; ring < 2 * driver._pairs.Count; ring++)
        {
            driver._kicks.Add(new EventFd());
            driver._calls.Add(new EventFd());
            driver._errors.Add(new EventFd());
        }

        for (int ring = 0; ring < 2 * driver._pairs.Count; ring++)
            driver.StartRing(ring, driver.FirstBase);
        for (int ring = 0; ring < 2 * driver._pairs.Count; ring++)
            driver.Enable(ring, true);
        return driver;
    }

    /// <summary>SET_VRING_BASE of a ring that never ran.</summary>
    public uint FirstBase => IsPacked ? 1U << 15 | 1U << 31 : 0;

    /// <inheritdoc/>
    public bool Has(VirtioFeature feature) => (Features & feature) == feature;

    /// <inheritdoc/>
    public int QueueSizeOf(int queue) => _options.Driver.RingSize;

    /// <inheritdoc/>
    public void Kick(int queue) => _kicks[queue].Signal();

    /// <inheritdoc/>
    public EventFd? InterruptOf(int queue) => queue < _calls.Count ? _calls[queue] : null;

    /// <summary>What the driver kicks with.</summary>
    public EventFd KickOf(int queue) => _kicks[queue];

    /// <summary>Signalled when the device found a mistake in a ring.</summary>
    public EventFd ErrorOf(int queue) => _errors[queue];

    /// <summary>The ring of a number.</summary>
    public DriverVirtqueue Ring(int ring) => ring % 2 == 0 ? _pairs[ring / 2].Receive : _pairs[ring / 2].Transmit;

    /// <summary>Gives a ring to the device.</summary>
    public void StartRing(int ring, uint position)
    {
        DriverVirtqueue queue = Ring(ring);
        Channel.Do(FrontEndRequest.SetVringNum, FrontEndChannel.State(ring, (uint)queue.Size));
        Channel.Do(FrontEndRequest.SetVringBase, FrontEndChannel.State(ring, position));
        Channel.Do(FrontEndRequest.SetVringAddr, Addresses(ring, 0));
        Channel.Do(FrontEndRequest.SetVringErr, FrontEndChannel.Number((ulong)ring), _errors[ring].Descriptor);
        Channel.Do(FrontEndRequest.SetVringCall, FrontEndChannel.Number((ulong)ring), _calls[ring].Descriptor);
        Channel.Do(FrontEndRequest.SetVringKick, FrontEndChannel.Number((ulong)ring), _kicks[ring].Descriptor);
    }

    /// <summary>Takes a ring from the device; where it stands.</summary>
    public uint StopRing(int ring) =>
        BinaryPrimitives.ReadUInt32LittleEndian(Channel.Ask(FrontEndRequest.GetVringBase, FrontEndChannel.State(ring, 0)).AsSpan(sizeof(uint)));

    /// <summary>SET_VRING_ENABLE.</summary>
    public void Enable(int ring, bool isEnabled) =>
        Channel.Do(FrontEndRequest.SetVringEnable, FrontEndChannel.State(ring, isEnabled ? 1U : 0));

    /// <summary>The payload of SET_VRING_ADDR.</summary>
    public byte[] Addresses(int ring, uint flags)
    {
        DriverVirtqueue queue = Ring(ring);
        ulong offset = Iommu is null ? _options.UserOffset : 0;
        return
        [
            .. BitConverter.GetBytes(ring), .. BitConverter.GetBytes(flags),
            .. BitConverter.GetBytes(queue.DescriptorArea + offset),
            .. BitConverter.GetBytes(queue.DeviceArea + offset),
            .. BitConverter.GetBytes(queue.DriverArea + offset),
            .. BitConverter.GetBytes(queue.DeviceArea),
        ];
    }

    /// <summary>Goes on with another back-end, or the same that was started again: everything is said anew.</summary>
    public void Reconnect(FrontEndChannel channel, IReadOnlyList<uint> positions)
    {
        Channel.Dispose();
        Channel = channel;
        Negotiate();
        ShareMemory();
        if (Inflight is { } inflight)
            Channel.Do(FrontEndRequest.SetInflightFd, _inflightDescription, inflight);
        for (int ring = 0; ring < positions.Count; ring++)
            StartRing(ring, positions[ring]);
        for (int ring = 0; ring < positions.Count; ring++)
            Enable(ring, true);
    }

    /// <summary>The whole memory as one region.</summary>
    public SharedRegion Region =>
        new(Memory.Iova + (Iommu is null ? 0 : GuestOffset), (ulong)Memory.Length, Memory.Iova + _options.UserOffset, 0, Memory.File!);

    /// <summary>The payload of SET_MEM_TABLE.</summary>
    public static byte[] Table(params ReadOnlySpan<SharedRegion> regions)
    {
        const int Header = 8;
        byte[] table = new byte[Header + (regions.Length * SharedRegion.Length)];
        BinaryPrimitives.WriteInt32LittleEndian(table, regions.Length);
        for (int i = 0; i < regions.Length; i++)
            regions[i].Write(table.AsSpan(Header + (i * SharedRegion.Length)));
        return table;
    }

    /// <summary>The payload of GET_INFLIGHT_FD and SET_INFLIGHT_FD, with the padding that QEMU has.</summary>
    public static byte[] InflightDescription(ulong size, int rings, int ringSize) =>
    [
        .. BitConverter.GetBytes(size), .. BitConverter.GetBytes(0UL),
        .. BitConverter.GetBytes((ushort)rings), .. BitConverter.GetBytes((ushort)ringSize), 0, 0, 0, 0,
    ];

    /// <summary>The payload of ADD_MEM_REG and REM_MEM_REG.</summary>
    public static byte[] One(in SharedRegion region)
    {
        const int Padding = 8;
        byte[] payload = new byte[Padding + SharedRegion.Length];
        region.Write(payload.AsSpan(Padding));
        return payload;
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        Channel.Dispose();
        Iommu?.Dispose();
        Inflight?.Dispose();
        foreach (EventFd one in _kicks.Concat(_calls).Concat(_errors))
            one.Dispose();
    }

    private void Negotiate()
    {
        OfferedFeatures = AskNumber(FrontEndRequest.GetFeatures);
        ulong offered = AskNumber(FrontEndRequest.GetProtocolFeatures);
        Channel.Post(FrontEndRequest.SetProtocolFeatures, FrontEndChannel.Number(offered));
        ProtocolFeatures = offered;
        Channel.Do(FrontEndRequest.SetOwner, []);
        Features = _options.Driver.Features & (VirtioFeature)OfferedFeatures;
        ulong own = ProtocolFeaturesBit | (_options.HasIommu ? AccessPlatformBit : 0);
        Channel.Do(FrontEndRequest.SetFeatures, FrontEndChannel.Number((ulong)Features | own));
        if (_options.HasIommu)
            OpenIommu();
    }

    private void OpenIommu()
    {
        Iommu?.Dispose();
        Iommu = new FrontEndIommu(Channel);
        Iommu.Map(Memory.Iova, Memory.Length, Memory.Iova + _options.UserOffset, FrontEndIommu.Read | FrontEndIommu.Write);
        Channel.Do(FrontEndRequest.SetBackendReqFd, [], Iommu.BackEndsEnd);
    }

    private void AskForInflight()
    {
        byte[] wanted = InflightDescription(0, 2 * _options.Driver.QueuePairs, _options.Driver.RingSize);
        _inflightDescription = Channel.AskForFile(FrontEndRequest.GetInflightFd, wanted, out FileDescriptor? file);
        Inflight = file;
    }

    private void ShareMemory()
    {
        SharedRegion region = Region;
        if (_options.UsesMemorySlots)
            Channel.Do(FrontEndRequest.AddMemReg, One(region), region.File);
        else
            Channel.Do(FrontEndRequest.SetMemTable, Table(region), region.File);
    }

    private ulong AskNumber(FrontEndRequest request) => BinaryPrimitives.ReadUInt64LittleEndian(Channel.Ask(request, []));
}
