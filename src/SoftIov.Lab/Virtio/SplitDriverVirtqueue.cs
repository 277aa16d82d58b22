using System.Numerics;
using System.Runtime.InteropServices;
using SoftIov.Lab.Pci;
using SoftIov.Memory;

namespace SoftIov.Lab.Virtio;

/// <summary>Driver side of a split virtqueue (virtio 1.4, 2.7).</summary>
public sealed class SplitDriverVirtqueue : DriverVirtqueue
{
    private const ushort NoInterrupt = 1;
    private const ushort NoNotify = 1;
    private const int HeaderWords = 2;

    private readonly int _mask;
    private readonly ushort[] _free;
    private readonly ushort[] _next;
    private readonly ushort[] _token;

    /// <summary>Descriptors of the chain that starts here; 0 while it is not with the device.</summary>
    private readonly ushort[] _length;

    private uint _freeHead;
    private uint _freeTail;
    private ushort _available;
    private ushort _kicked;
    private ushort _used;
    private ulong _batch;
    private bool _isInBatch;

    internal SplitDriverVirtqueue(DriverMemory memory, int size, RingFeatures features)
        : base(memory, size, features)
    {
        ArgumentOutOfRangeException.ThrowIfNotEqual(BitOperations.IsPow2(size), true, nameof(size));
        _mask = size - 1;
        _free = new ushort[size];
        _next = new ushort[size];
        _token = new ushort[size];
        _length = new ushort[size];
        DescriptorArea = memory.Allocate((long)size * DriverDescriptor.Size);
        DriverArea = memory.Allocate((sizeof(ushort) * size) + 6);
        DeviceArea = memory.Allocate((sizeof(ulong) * size) + 6);
        Reset();
    }

    /// <summary>avail.flags.</summary>
    public ref ushort AvailableFlags => ref Words(DriverArea, 1)[0];

    /// <summary>avail.idx.</summary>
    public ref ushort AvailableIndex => ref Words(DriverArea, 2)[1];

    /// <summary>avail.ring.</summary>
    public Span<ushort> AvailableRing => Words(DriverArea, HeaderWords + Size)[HeaderWords..];

    /// <summary>used_event.</summary>
    public ref ushort UsedEvent => ref Words(DriverArea, HeaderWords + Size + 1)[HeaderWords + Size];

    /// <summary>used.flags.</summary>
    public ref ushort UsedFlags => ref Words(DeviceArea, 1)[0];

    /// <summary>used.idx.</summary>
    public ref ushort UsedIndex => ref Words(DeviceArea, 2)[1];

    /// <summary>used.ring: id in the low half, length in the high one.</summary>
    public Span<ulong> UsedRing => MemoryMarshal.Cast<byte, ulong>(Memory.Span(DeviceArea + 4, sizeof(ulong) * Size));

    /// <summary>avail_event.</summary>
    public ref ushort AvailableEvent => ref Words(DeviceArea + 4 + ((ulong)Size * sizeof(ulong)), 1)[0];

    /// <inheritdoc/>
    public override bool HasUsed => Volatile.Read(ref UsedIndex) != _used;

    /// <summary>Heads come back in the order they were taken: the place that the next free one goes to holds the oldest.</summary>
    private ushort OldestHead => _free[_freeTail & _mask];

    /// <inheritdoc/>
    public override int Add(ReadOnlySpan<DriverBuffer> buffers, bool isWritable)
    {
        Span<DriverDescriptor> descriptors = Descriptors;
        Span<ushort> ring = AvailableRing;
        ushort flags = isWritable ? DriverDescriptor.Write : (ushort)0;
        int count = Math.Min(buffers.Length, FreeCount);
        for (int i = 0; i < count; i++)
        {
            ushort head = _free[_freeHead++ & _mask];
            DriverBuffer buffer = buffers[i];
            descriptors[head] = new DriverDescriptor(buffer.Address, buffer.Length, flags, 0);
            ring[_available++ & _mask] = head;
            _token[head] = buffer.Token;
            _length[head] = 1;
        }

        FreeCount -= count;
        return count;
    }

    /// <inheritdoc/>
    public override bool TryAddChain(ReadOnlySpan<DriverBuffer> readable, ReadOnlySpan<DriverBuffer> writable, ushort token)
    {
        int count = readable.Length + writable.Length;
        if (count > FreeCount || count == 0)
            return false;

        Span<DriverDescriptor> descriptors = Descriptors;
        ushort head = _free[_freeHead & _mask];
        for (int i = 0; i < count; i++)
        {
            ushort index = _free[_freeHead++ & _mask];
            bool isLast = i + 1 == count;
            ushort next = isLast ? (ushort)0 : _free[_freeHead & _mask];
            DriverBuffer buffer = i < readable.Length ? readable[i] : writable[i - readable.Length];
            int flags = (isLast ? 0 : DriverDescriptor.Next) | (i < readable.Length ? 0 : DriverDescriptor.Write);
            descriptors[index] = new DriverDescriptor(buffer.Address, buffer.Length, (ushort)flags, next);
            _next[index] = next;
        }

        Offer(head, count, token);
        return true;
    }

    /// <inheritdoc/>
    public override bool TryAddIndirect(ReadOnlySpan<DriverBuffer> readable, ReadOnlySpan<DriverBuffer> writable, ushort token)
    {
        if (FreeCount == 0)
            return false;

        ushort head = _free[_freeHead++ & _mask];
        DriverDescriptor table = WriteIndirect(head, readable, writable);
        Descriptors[head] = table with { Low = DriverDescriptor.Indirect };
        Offer(head, 1, token);
        return true;
    }

    /// <inheritdoc/>
    public override void Publish() => Volatile.Write(ref AvailableIndex, _available);

    /// <inheritdoc/>
    public override bool NeedsKick()
    {
        ushort before = _kicked;
        _kicked = _available;
        Fence.StoreThenLoad();
        return UsesEventIndex
            ? (ushort)(_available - Volatile.Read(ref AvailableEvent) - 1) < (ushort)(_available - before)
            : _available != before && (Volatile.Read(ref UsedFlags) & NoNotify) == 0;
    }

    /// <inheritdoc/>
    public override int Collect(Span<UsedBuffer> used)
    {
        ushort index = Volatile.Read(ref UsedIndex);
        Span<ulong> ring = UsedRing;
        int count = 0;
        while (_used != index && count < used.Length)
        {
            ulong element = _isInBatch ? _batch : ring[_used & _mask];
            uint head = (uint)element;
            if (head >= (uint)_length.Length || _length[head] == 0)
                throw Unknown(head);

            if (IsInOrder && head != OldestHead)
            {
                // A device that keeps order may write one element for many chains: those before it were used whole (virtio 1.4, 2.7.9).
                _isInBatch = true;
                _batch = element;
                element = OldestHead | ((ulong)uint.MaxValue << 32);
            }
            else
            {
                _isInBatch = false;
            }

            used[count++] = new UsedBuffer(_token[(uint)element], (uint)(element >> 32));
            _used++;
            Release((ushort)element);
        }

        return count;
    }

    /// <inheritdoc/>
    public override void SuppressInterrupts()
    {
        if (UsesEventIndex)
            UsedEvent = (ushort)(_used - 1);
        else
            AvailableFlags = NoInterrupt;
    }

    /// <inheritdoc/>
    public override bool ArmInterrupts()
    {
        if (UsesEventIndex)
            UsedEvent = _used;
        else
            AvailableFlags = 0;
        Fence.StoreThenLoad();
        return HasUsed;
    }

    /// <inheritdoc/>
    public override void Reset()
    {
        Descriptors.Clear();
        Words(DriverArea, HeaderWords + Size + 1).Clear();
        Memory.Span(DeviceArea, (sizeof(ulong) * Size) + 6).Clear();
        _length.AsSpan().Clear();
        for (int i = 0; i < Size; i++)
            _free[i] = (ushort)i;
        FreeCount = Size;
        _freeHead = 0;
        _freeTail = (uint)Size;
        _available = _kicked = _used = 0;
        _isInBatch = false;
    }

    private void Offer(ushort head, int count, ushort token)
    {
        AvailableRing[_available++ & _mask] = head;
        _token[head] = token;
        _length[head] = (ushort)count;
        FreeCount -= count;
    }

    private void Release(ushort head)
    {
        int count = _length[head];
        _length[head] = 0;
        FreeCount += count;
        for (ushort index = head; count > 0; count--, index = _next[index])
            _free[_freeTail++ & _mask] = index;
    }

    private protected override DriverDescriptor IndirectEntry(in DriverBuffer buffer, ushort flags, int next) =>
        new(buffer.Address, buffer.Length, (ushort)(flags | (next != 0 ? DriverDescriptor.Next : 0)), (ushort)next);
}
