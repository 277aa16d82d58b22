using SoftIov.Lab.Pci;
using SoftIov.Lab.Virtio;
using SoftIov.Memory;

namespace SoftIov.Tests.Memory;

/// <summary>A ring, its region, and a device's side that can be dropped and made anew from what is in memory.</summary>
internal sealed class CrashSetup : IDisposable
{
    public const int MemoryLength = 1 << 16;

    private readonly StatePage<VirtqueueCursor> _cursor = new NativeStateStore().Create<VirtqueueCursor>("ring");
    private readonly RingFeatures _features;
    private readonly ulong _buffers;

    public CrashSetup(int size, bool isPacked)
    {
        _features = isPacked ? RingFeatures.Packed : RingFeatures.None;
        Memory = DriverMemory.CreatePrivate(MemoryLength);
        Driver = DriverVirtqueue.Create(Memory, size, _features);
        Layout = new VirtqueueLayout((ushort)size, Driver.DescriptorArea, Driver.DriverArea, Driver.DeviceArea);
        Domain = new DmaDomain(new NoPollers(), new DmaFaultLog(16)) { BusMasterEnable = true };
        Domain.Map(Memory.Iova, (ulong)Memory.Length, DmaAccess.Read | DmaAccess.Write, Memory.Host, 0);
        _buffers = Memory.Allocate(4096, 4096);
        RegionBytes = new NativeHostMemory(InflightRegion.LengthOf(size, isPacked));
        RegionBytes.Clear();
    }

    public DriverMemory Memory { get; }

    public DriverVirtqueue Driver { get; }

    public VirtqueueLayout Layout { get; }

    public DmaDomain Domain { get; }

    public NativeHostMemory RegionBytes { get; }

    public InflightRegion? Region { get; private set; }

    public ChainBatch Batch { get; } = new(64, 256);

    public ref VirtqueueCursor Cursor => ref _cursor.Value;

    private bool IsPacked => _features == RingFeatures.Packed;

    /// <summary>Goes on from what is in memory, as a process does that knows nothing else; null when that makes no sense.</summary>
    public Virtqueue? Start()
    {
        Region = InflightRegion.At(RegionBytes, 0, Layout.Size, IsPacked);
        VirtqueueCursor position = VirtqueueCursor.AtEnable;
        if (!IsPacked)
        {
            ushort used = ((SplitDriverVirtqueue)Driver).UsedIndex;
            position = position with { NextAvailable = used, NextUsed = used, SignalledUsed = used };
        }

        if (!Region.TryResume(Domain, Layout, ref position))
            return null;
        Cursor = position;
        return Virtqueue.TryCreate(Domain, Layout, _features, ref Cursor, Region);
    }

    /// <summary>Gives the device a chain of so many descriptors.</summary>
    public void Offer(int token, int descriptors)
    {
        DriverBuffer[] chain = [.. Enumerable.Range(0, descriptors).Select(i => new DriverBuffer(_buffers + (ulong)i, (uint)(token + 1)))];
        Assert(Driver.TryAddChain([], chain, (ushort)token));
        Driver.Publish();
    }

    /// <summary>The device uses all that there is.</summary>
    public int Use(Virtqueue device)
    {
        Batch.Clear();
        int taken = device.Take(Batch, 64);
        device.Complete(Batch, 0, new uint[taken]);
        device.Publish();
        return taken;
    }

    public int[] Collect()
    {
        var used = new UsedBuffer[Driver.Size];
        return [.. used[..Driver.Collect(used)].Select(static one => (int)one.Token)];
    }

    public (byte[] Memory, byte[] Region) Image() => (Memory.Host.Slice(0, MemoryLength).ToArray(), RegionBytes.Bytes.ToArray());

    public void Restore((byte[] Memory, byte[] Region) image)
    {
        image.Memory.CopyTo(Memory.Host.Slice(0, MemoryLength));
        image.Region.CopyTo(RegionBytes.Bytes);
    }

    /// <summary>
    /// Memory as it is after each store that turned one state into the other, in the order that <paramref name="order"/> gives the words.
    /// </summary>
    public static IEnumerable<byte[]> Between(byte[] from, byte[] to, Func<int, int> order)
    {
        const int Word = sizeof(ulong);
        byte[] image = [.. from];
        int[] changed = [.. Enumerable.Range(0, from.Length / Word).Where(word => !Same(from, to, word))];
        foreach (int word in changed.OrderBy(order))
        {
            to.AsSpan(word * Word, Word).CopyTo(image.AsSpan(word * Word));
            yield return [.. image];
        }

        static bool Same(byte[] from, byte[] to, int word) => from.AsSpan(word * Word, Word).SequenceEqual(to.AsSpan(word * Word, Word));
    }

    public void Dispose()
    {
        _cursor.Dispose();
        RegionBytes.Dispose();
        Memory.Dispose();
    }

    private static void Assert(bool isTrue) => Xunit.Assert.True(isTrue);
}
