using SoftIov.Lab.Virtio;
using SoftIov.Memory;
using Xunit;

namespace SoftIov.Tests.Memory;

/// <summary>
/// A ring under random use, and what each side must see: chains come in the order they were published, with their bytes, and go back in
/// the order they were completed, with what the device wrote.
/// </summary>
internal sealed class RingModel(RingSetup ring, RingFeatures features, Random random)
{
    private const int BufferSize = 64;

    private readonly Queue<ModelChain> _added = new();
    private readonly Queue<ModelChain> _published = new();
    private readonly List<(ChainBatch Batch, int Index, ModelChain Chain)> _taken = [];
    private readonly Queue<ModelChain> _completed = new();
    private readonly Stack<ushort> _freeTokens = new(Enumerable.Range(0, 64).Select(i => (ushort)i));
    private readonly ulong _buffers = ring.Memory.Allocate(64 * 8 * BufferSize);

    /// <summary>Does one random thing.</summary>
    public void Step()
    {
        switch (random.Next(6))
        {
            case 0 or 1:
                Add();
                break;
            case 2:
                ring.Driver.Publish();
                Move(_added, _published);
                break;
            case 3:
                Take();
                break;
            case 4:
                Complete();
                break;
            default:
                Collect();
                break;
        }
    }

    private static void Move(Queue<ModelChain> from, Queue<ModelChain> to)
    {
        while (from.TryDequeue(out ModelChain? chain))
            to.Enqueue(chain);
    }

    private void Add()
    {
        if (!_freeTokens.TryPeek(out ushort token))
            return;

        var chain = new ModelChain(token, random.Next(0, 4), random.Next(0, 4));
        if (chain.Readable.Length + chain.Writable.Length == 0)
            return;
        DriverBuffer[] readable = [.. chain.Readable.Select((_, i) => Buffer(token, i))];
        DriverBuffer[] writable = [.. chain.Writable.Select((_, i) => Buffer(token, 4 + i))];
        for (int i = 0; i < readable.Length; i++)
        {
            Span<byte> bytes = ring.Memory.Span(readable[i].Address, (int)readable[i].Length);
            random.NextBytes(bytes);
            chain.Readable[i] = bytes.ToArray();
        }

        for (int i = 0; i < writable.Length; i++)
            chain.Writable[i] = (int)writable[i].Length;
        bool mayBeIndirect = (features & RingFeatures.IndirectDescriptors) != 0 && readable.Length + writable.Length <= ring.Driver.Size;
        bool added = mayBeIndirect && random.Next(2) == 0
            ? ring.Driver.TryAddIndirect(readable, writable, token)
            : ring.Driver.TryAddChain(readable, writable, token);
        if (added)
        {
            _freeTokens.Pop();
            chain.Addresses = [.. writable.Select(buffer => buffer.Address)];
            _added.Enqueue(chain);
        }
    }

    private DriverBuffer Buffer(ushort token, int index) =>
        new(_buffers + (ulong)((token * 8) + index) * BufferSize, (uint)random.Next(1, BufferSize + 1));

    private void Take()
    {
        var batch = new ChainBatch(8, 64);
        int count = ring.Device.Take(batch, random.Next(1, 9));
        Assert.Equal(VirtqueueFault.None, ring.Device.Fault);
        int kept = random.Next(3) == 0 ? random.Next(count + 1) : count;
        if (kept < count)
            ring.Device.Rewind(batch, kept);
        Assert.Equal(kept, batch.Count);
        for (int i = 0; i < kept; i++)
        {
            ModelChain chain = _published.Dequeue();
            Assert.Equal(chain.Readable.SelectMany(bytes => bytes), Read(batch.Readable(i)));
            Assert.Equal(chain.Writable.Sum(), (int)batch[i].WritableLength);
            Assert.Equal(chain.Readable.Sum(bytes => bytes.Length), (int)batch[i].ReadableLength);
            _taken.Add((batch, i, chain));
        }
    }

    private void Complete()
    {
        for (int count = random.Next(4); count > 0 && _taken.Count > 0; count--)
        {
            int which = (features & RingFeatures.InOrder) != 0 ? 0 : random.Next(_taken.Count);
            (ChainBatch batch, int index, ModelChain chain) = _taken[which];
            _taken.RemoveAt(which);
            chain.Written = new byte[random.Next((int)batch[index].WritableLength + 1)];
            random.NextBytes(chain.Written);
            GuestCopy.Scatter(chain.Written, batch.Writable(index), 0);
            ring.Device.Complete(batch, index, [(uint)chain.Written.Length]);
            _completed.Enqueue(chain);
        }

        ring.Device.Publish();
    }

    private void Collect()
    {
        foreach (UsedBuffer used in ring.Collect())
        {
            ModelChain chain = _completed.Dequeue();
            Assert.Equal(chain.Token, used.Token);
            Assert.Equal(chain.Written.Length, (int)used.Length);
            Assert.Equal(chain.Written, chain.Addresses.SelectMany((address, i) => ring.Memory.Span(address, chain.Writable[i]).ToArray())
                .Take(chain.Written.Length));
            _freeTokens.Push(chain.Token);
        }

        Assert.Empty(_completed);
    }

    private static byte[] Read(ReadOnlySpan<Segment> segments)
    {
        int length = 0;
        foreach (Segment segment in segments)
            length += segment.Length;
        var bytes = new byte[length];
        GuestCopy.Gather(segments, 0, bytes);
        return bytes;
    }
}
