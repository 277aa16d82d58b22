using System.Runtime.InteropServices;
using FsCheck;
using FsCheck.Fluent;
using SoftIov.Lab.Virtio;
using SoftIov.Memory;
using Xunit;

namespace SoftIov.Tests.Memory;

/// <summary>Rings under random use by drivers that keep to the rules, and by such that mostly do.</summary>
public sealed class RingPropertyTests
{
    private static readonly Config Tests = Config.QuickThrowOnFailure.WithMaxTest(300);

    [Fact]
    public void Ring_and_model_agree() => Prop.ForAll<int>(seed => Agree(new Random(seed))).Check(Tests);

    [Fact]
    public void Mostly_valid_rings_never_reach_beyond_their_memory() =>
        Prop.ForAll<int>(seed => StaysInside(new Random(seed))).Check(Tests);

    private static bool Agree(Random random)
    {
        RingFeatures features = RandomFeatures(random);
        using var ring = new RingSetup(RandomSize(random, features), features, segmentCapacity: 64);
        var model = new RingModel(ring, features, random);
        for (int i = 0; i < 400; i++)
            model.Step();
        return true;
    }

    private static bool StaysInside(Random random)
    {
        RingFeatures features = RandomFeatures(random);
        using var ring = new RingSetup(RandomSize(random, features), features);
        using var readOnly = new NativeHostMemory(4096);
        ring.Domain.Map(0x10_0000, 4096, DmaAccess.Read, readOnly, 0);
        for (int round = 0; round < 30 && ring.Device.Fault == VirtqueueFault.None; round++)
        {
            Scribble(ring, random);
            ring.Batch.Clear();
            int taken = ring.Device.Take(ring.Batch, random.Next(1, 65));
            for (int i = 0; i < taken; i++)
            {
                Assert.All(ring.Batch.Readable(i).ToArray(), part => Assert.True(Lies(part, ring.Memory.Host) || Lies(part, readOnly)));
                Assert.All(ring.Batch.Writable(i).ToArray(), part => Assert.True(Lies(part, ring.Memory.Host)));
            }

            ring.Device.Complete(ring.Batch, 0, new uint[taken]);
            ring.Device.Publish();
            ring.Device.NeedsInterrupt();
            ring.Device.ArmKicks();
        }

        return true;
    }

    private static bool Lies(Segment part, IHostMemory memory) =>
        part.Length > 0 && part.Address >= memory.Address && part.Address + part.Length <= memory.Address + (nint)memory.Length;

    /// <summary>Writes the ring as a driver that has gone wrong somewhere would.</summary>
    private static void Scribble(RingSetup ring, Random random)
    {
        int size = ring.Driver.Size;
        Span<DriverDescriptor> table = MemoryMarshal.Cast<byte, DriverDescriptor>(ring.Memory.Span(ring.Buffers, 4096));
        for (int i = 0; i < 32; i++)
            table[i] = RandomDescriptor(ring, random, 32);
        for (int i = 0; i < size; i++)
            ring.Driver.Descriptors[i] = RandomDescriptor(ring, random, size);
        if (ring.Driver is SplitDriverVirtqueue split)
        {
            for (int i = 0; i < size; i++)
                split.AvailableRing[i] = (ushort)random.Next(random.Next(20) == 0 ? 65536 : size);
            split.AvailableIndex = (ushort)(ring.Cursor.NextAvailable + random.Next(random.Next(20) == 0 ? 65536 : size + 1));
            split.UsedEvent = (ushort)random.Next(65536);
        }
        else
        {
            ring.Packed.DriverEvent[0] = (ushort)random.Next(65536);
            ring.Packed.DriverEvent[1] = (ushort)random.Next(4);
        }
    }

    private static DriverDescriptor RandomDescriptor(RingSetup ring, Random random, int size)
    {
        ulong address = random.Next(20) switch
        {
            0 => (ulong)random.NextInt64(),
            1 => 0x10_0000 + (ulong)random.Next(4096),
            2 => ulong.MaxValue - (ulong)random.Next(64),
            _ => ring.Buffers + (ulong)random.Next(4096),
        };
        uint length = random.Next(20) == 0 ? (uint)random.NextInt64(1L << 32) : (uint)random.Next(1, 6) * 16;
        int flags = random.Next(4) == 0 ? DriverDescriptor.Next : 0;
        flags |= random.Next(3) == 0 ? DriverDescriptor.Write : 0;
        flags |= random.Next(6) == 0 ? DriverDescriptor.Indirect : 0;
        int next = random.Next(20) == 0 ? random.Next(65536) : random.Next(size);
        if (ring.Driver is not PackedDriverVirtqueue)
            return new DriverDescriptor(address, length, (ushort)flags, (ushort)next);

        int wrap = random.Next(10) == 0 ? random.Next(65536) & 0x8080 : ring.Cursor.AvailableWrap != 0 ? 0x80 : 0x8000;
        return new DriverDescriptor(address, length, (ushort)next, (ushort)(flags | wrap));
    }

    private static RingFeatures RandomFeatures(Random random) => (RingFeatures)random.Next(16);

    private static int RandomSize(Random random, RingFeatures features) =>
        (features & RingFeatures.Packed) != 0 ? random.Next(1, 40) : 1 << random.Next(6);
}
