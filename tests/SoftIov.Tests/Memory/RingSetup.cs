using SoftIov.Lab.Pci;
using SoftIov.Lab.Virtio;
using SoftIov.Memory;

namespace SoftIov.Tests.Memory;

/// <summary>A ring with a driver at one end and the device's side at the other.</summary>
internal sealed class RingSetup : IDisposable
{
    private readonly StatePage<VirtqueueCursor> _cursor = new NativeStateStore().Create<VirtqueueCursor>("ring");

    public RingSetup(int size, RingFeatures features, long memoryLength = 1 << 20, int chainCapacity = 64, int segmentCapacity = 256)
    {
        Memory = DriverMemory.CreatePrivate(memoryLength);
        Driver = DriverVirtqueue.Create(Memory, size, features);
        Batch = new ChainBatch(chainCapacity, segmentCapacity);
        Domain = new DmaDomain(Quiescence, Faults) { BusMasterEnable = true, Requester = new RequesterId(0x0103) };
        Domain.Map(Memory.Iova, (ulong)Memory.Length, DmaAccess.Read | DmaAccess.Write, Memory.Host, 0);
        Cursor = VirtqueueCursor.AtEnable;
        Device = Virtqueue.TryCreate(
            Domain, new((ushort)size, Driver.DescriptorArea, Driver.DriverArea, Driver.DeviceArea), features, ref Cursor)!;
        Buffers = Memory.Allocate(4096, 4096);
    }

    public DmaFaultLog Faults { get; } = new(16);

    public NoPollers Quiescence { get; } = new();

    public DmaDomain Domain { get; }

    public DriverMemory Memory { get; }

    public DriverVirtqueue Driver { get; }

    public SplitDriverVirtqueue Split => (SplitDriverVirtqueue)Driver;

    public PackedDriverVirtqueue Packed => (PackedDriverVirtqueue)Driver;

    public Virtqueue Device { get; }

    public ChainBatch Batch { get; }

    public ref VirtqueueCursor Cursor => ref _cursor.Value;

    /// <summary>A page for buffers.</summary>
    public ulong Buffers { get; }

    /// <summary>Gives the device a readable buffer of 64 bytes.</summary>
    public bool Offer(int token)
    {
        bool added = Driver.Add([new DriverBuffer(Buffers, 64, (ushort)token)], isWritable: false) == 1;
        Driver.Publish();
        return added;
    }

    /// <summary>The device uses up to <paramref name="count"/> chains, writing so many bytes into each; returns how many there were.</summary>
    public int Use(int count, uint written = 0)
    {
        Batch.Clear();
        int taken = Device.Take(Batch, count);
        var lengths = new uint[taken];
        lengths.AsSpan().Fill(written);
        Device.Complete(Batch, 0, lengths);
        Device.Publish();
        return taken;
    }

    /// <summary>What the driver gets back.</summary>
    public UsedBuffer[] Collect()
    {
        var used = new UsedBuffer[Driver.Size];
        return used[..Driver.Collect(used)];
    }

    /// <summary>What the device says of a ring that was tampered with.</summary>
    public VirtqueueFault TakeFault()
    {
        Batch.Clear();
        Device.Take(Batch, 64);
        return Device.Fault;
    }

    public void Dispose()
    {
        _cursor.Dispose();
        Memory.Dispose();
    }
}
