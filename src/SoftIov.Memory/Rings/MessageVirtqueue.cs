using System.Runtime.InteropServices;

namespace SoftIov.Memory;

/// <summary>
/// Device side of a virtqueue in memory that messages reach (<see cref="IMessageDma"/>). Chains are copied into bounce memory when they are
/// taken, and out of it when they are complete; the used ring is written last. An access that was cancelled leaves everything as it was, to
/// be tried again: used entries count as used only when the driver has them. It interrupts for whatever is new: an interrupt too many costs
/// less than the round trip to ask.
/// </summary>
internal abstract unsafe class MessageVirtqueue : Virtqueue
{
    /// <summary>Most bytes of a chain that are bounced in each direction; more than the longest frame, with its header, needs.</summary>
    private const int MaxPart = BounceLength / 2;

    private readonly ScratchMemory _bounce;
    private readonly List<BouncedWrite> _writes = [];
    private readonly List<UsedEntry> _used = [];
    private readonly byte[] _table;
    private ulong[] _addresses = new ulong[64];
    private int _bounceUsed;
    private int _writesDone;
    private bool _isStalled;

    private protected MessageVirtqueue(
        DmaDomain domain, in VirtqueueLayout layout, RingFeatures features, ref VirtqueueCursor cursor, ScratchMemory bounce)
        : base(domain, layout, features, ref cursor)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(bounce.Length, BounceLength);
        _bounce = bounce;
        _table = new byte[layout.Size * RingDescriptor.Size];
    }

    /// <summary>All that it writes goes through the domain, which marks it.</summary>
    private protected override void LogDeviceArea()
    {
    }

    /// <inheritdoc/>
    public override bool IsStalled => _isStalled && Fault == VirtqueueFault.None;

    /// <inheritdoc/>
    public override void Retry()
    {
        _isStalled = false;
        if (Fault == VirtqueueFault.None)
        {
            TryFlush();
        }
    }

    /// <inheritdoc/>
    public override void Complete(ChainBatch batch, int first, ReadOnlySpan<uint> written)
    {
        for (int i = 0; i < written.Length; i++)
        {
            ref readonly Chain chain = ref batch[first + i];
            int left = (int)Math.Min(written[i], MaxPart);
            for (int k = 0; k < chain.WritableCount && left > 0; k++)
            {
                Segment segment = batch.Writable(first + i)[k];
                int part = Math.Min(left, segment.Length);
                _writes.Add(new BouncedWrite(_addresses[chain.FirstSegment + chain.ReadableCount + k], segment.Slice(0, part)));
                left -= part;
            }

            _used.Add(new UsedEntry(chain.Id, written[i], chain.SlotCount, chain.WritableCount != 0));
        }
    }

    /// <inheritdoc/>
    public override void Publish() => TryFlush();

    private protected sealed override void TakeAvailable(ChainBatch batch, int maximum)
    {
        if (!TryFlush())
        {
            return;
        }

        _bounceUsed = batch.Count == 0 ? 0 : _bounceUsed;
        while (maximum-- > 0)
        {
            int before = _bounceUsed;
            if (!TryTake(batch))
            {
                _bounceUsed = before;
                break;
            }
        }
    }

    /// <summary>Takes the next chain; false when there is none, an access was cancelled, the batch or the bounce is full, or on a fault.</summary>
    private protected abstract bool TryTake(ChainBatch batch);

    /// <summary>Writes used entries and what makes them visible, then moves the cursor; false when an access was cancelled.</summary>
    private protected abstract bool TryWriteUsed(ReadOnlySpan<UsedEntry> entries);

    /// <summary>Adds one buffer to the chain under construction; false as <see cref="TryTake"/>.</summary>
    private protected bool TryAdd(ref Chain chain, in RingDescriptor descriptor, bool isWritable, ChainBatch batch)
    {
        uint length = descriptor.Length;
        if (length == 0)
        {
            return Stop(VirtqueueFault.BadLength);
        }

        if (!isWritable && chain.WritableCount != 0)
        {
            return Stop(VirtqueueFault.ReadableAfterWritable);
        }

        if (!IsAllowed(descriptor.Address, length, isWritable ? DmaAccess.Write : DmaAccess.Read))
        {
            return false;
        }

        ref uint total = ref isWritable ? ref chain.WritableLength : ref chain.ReadableLength;
        int part = (int)Math.Min(length, Math.Max(0, MaxPart - (long)total));
        if (part > 0 && !TryBounce(ref chain, descriptor.Address, part, isWritable, batch))
        {
            return false;
        }

        total += length;
        return total >= length || Stop(VirtqueueFault.BadLength);
    }

    /// <summary>Copies an indirect table out of the driver's reach; false on a fault or when the access was cancelled.</summary>
    private protected bool TryReadTable(in RingDescriptor outer, out ReadOnlySpan<RingDescriptor> table)
    {
        table = default;
        bool isValid = (Features & RingFeatures.IndirectDescriptors) != 0
            && outer.Length != 0
            && outer.Length % RingDescriptor.Size == 0
            && outer.Length <= _table.Length;
        if (!isValid)
        {
            return Stop(VirtqueueFault.BadIndirect);
        }

        Span<byte> bytes = _table.AsSpan(0, (int)outer.Length);
        if (!IsAllowed(outer.Address, outer.Length, DmaAccess.Read) || !TryRead(outer.Address, bytes))
        {
            return false;
        }

        table = MemoryMarshal.Cast<byte, RingDescriptor>(bytes);
        return true;
    }

    /// <summary>Reads a value out of the ring; false when the access was cancelled.</summary>
    private protected bool TryRead<T>(ulong iova, out T value)
        where T : unmanaged
    {
        value = default;
        return TryRead(iova, MemoryMarshal.AsBytes(new Span<T>(ref value)));
    }

    /// <summary>Writes into the ring; false when the access was cancelled, or the ring is not mapped any more.</summary>
    private protected bool TryWrite(ulong iova, ReadOnlySpan<byte> source) => Domain.TryWriteIfMapped(iova, source) || Stall();

    /// <summary>Writes a value into the ring; false when the access was cancelled.</summary>
    private protected bool TryWrite<T>(ulong iova, T value)
        where T : unmanaged => TryWrite(iova, MemoryMarshal.AsBytes(new ReadOnlySpan<T>(in value)));

    private protected bool AreMapped(DmaMap map, ulong descriptorBytes, ulong driverBytes, ulong deviceBytes, DmaAccess descriptorAccess) =>
        Domain.TryReach(map, Layout.DescriptorArea, descriptorBytes, descriptorAccess)
        & Domain.TryReach(map, Layout.DriverArea, driverBytes, DmaAccess.Read)
        & Domain.TryReach(map, Layout.DeviceArea, deviceBytes, DmaAccess.Write);

    private bool TryBounce(ref Chain chain, ulong iova, int length, bool isWritable, ChainBatch batch)
    {
        int count = chain.ReadableCount + chain.WritableCount;
        Span<Segment> free = batch.FreeSegments;
        if (count == free.Length || length > _bounce.Length - _bounceUsed)
        {
            return batch.Count != 0 ? false : Stop(VirtqueueFault.ChainTooLong);
        }

        if (!isWritable && !TryRead(iova, _bounce.Span.Slice(_bounceUsed, length)))
        {
            return false;
        }

        int index = batch.SegmentsUsed + count;
        if (index >= _addresses.Length)
        {
            Array.Resize(ref _addresses, 2 * index);
        }

        free[count] = _bounce.Segment(_bounceUsed, length);
        _addresses[index] = iova;
        _bounceUsed += length;
        chain.WritableCount += isWritable ? (ushort)1 : (ushort)0;
        chain.ReadableCount += isWritable ? (ushort)0 : (ushort)1;
        return true;
    }

    /// <summary>Data first, then the used ring. False when something is left: it stays as it is.</summary>
    private bool TryFlush()
    {
        for (; _writesDone < _writes.Count; _writesDone++)
        {
            BouncedWrite write = _writes[_writesDone];
            var source = new ReadOnlySpan<byte>((void*)write.Source.Address, write.Source.Length);
            if (!IsAllowed(write.Iova, (ulong)source.Length, DmaAccess.Write) || !TryWrite(write.Iova, source))
            {
                return false;
            }
        }

        if (_used.Count != 0 && !TryWriteUsed(CollectionsMarshal.AsSpan(_used)))
        {
            return false;
        }

        _writes.Clear();
        _writesDone = 0;
        _used.Clear();
        return true;
    }

    /// <summary>
    /// A buffer that is not mapped is the driver's fault, unless the ring is not mapped either, bus mastering is off, or it was asked for: then
    /// it waits.
    /// </summary>
    private bool IsAllowed(ulong iova, ulong length, DmaAccess access)
    {
        if (DmaDomain.Covers(Domain.CurrentMap, iova, length, access))
        {
            return true;
        }

        if (!IsReady() || Domain.TryAsk(Domain.CurrentMap, iova, length, access))
        {
            return Stall();
        }

        return Domain.IsAllowed(Domain.CurrentMap, iova, length, access) || Stop(VirtqueueFault.BadAddress);
    }

    private bool TryRead(ulong iova, Span<byte> destination) => Domain.TryReadIfMapped(iova, destination) || Stall();

    private bool Stall()
    {
        _isStalled = true;
        return false;
    }
}
