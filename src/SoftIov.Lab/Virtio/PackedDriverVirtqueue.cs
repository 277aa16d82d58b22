using SoftIov.Lab.Pci;
using SoftIov.Memory;

namespace SoftIov.Lab.Virtio;

/// <summary>Driver side of a packed virtqueue (virtio 1.4, 2.8).</summary>
public sealed class PackedDriverVirtqueue : DriverVirtqueue
{
    private const ushort EventEnable = 0;
    private const ushort EventDisable = 1;
    private const ushort EventDescriptor = 2;
    private const ushort WrapBit = 1 << 15;
    private const int EventWords = 2;
    private const int WordsPerSlot = DriverDescriptor.Size / sizeof(ushort);

    private readonly ushort[] _freeIds;
    private readonly ushort[] _token;

    /// <summary>Slots of the chain with this id; 0 while it is not with the device.</summary>
    private readonly ushort[] _length;

    private int _freeHead;
    private int _freeTail;
    private int _available;
    private ushort _availableFlags;
    private int _used;
    private bool _usedWrap;
    private int _addedSinceKick;
    private int _firstUnpublished = -1;
    private ushort _firstFlags;
    private ushort _batchId;
    private uint _batchLength;
    private bool _isInBatch;

    internal PackedDriverVirtqueue(DriverMemory memory, int size, RingFeatures features)
        : base(memory, size, features)
    {
        _freeIds = new ushort[size];
        _token = new ushort[size];
        _length = new ushort[size];
        DescriptorArea = memory.Allocate((long)size * DriverDescriptor.Size);
        DriverArea = memory.Allocate(EventWords * sizeof(ushort));
        DeviceArea = memory.Allocate(EventWords * sizeof(ushort));
        Reset();
    }

    /// <summary>Next slot to fill.</summary>
    public int NextAvailable => _available;

    /// <summary>Wrap counter of the side that fills.</summary>
    public bool AvailableWrap => (_availableFlags & DriverDescriptor.Available) != 0;

    /// <summary>The driver's event area: position and wrap counter, then flags.</summary>
    public Span<ushort> DriverEvent => Words(DriverArea, EventWords);

    /// <summary>The device's event area: position and wrap counter, then flags.</summary>
    public Span<ushort> DeviceEvent => Words(DeviceArea, EventWords);

    /// <inheritdoc/>
    public override bool HasUsed => IsUsed(Volatile.Read(ref FlagsOf(RingWords, _used)));

    private Span<ushort> RingWords => Words(DescriptorArea, Size * WordsPerSlot);

    /// <summary>Ids come back in the order they were taken: the place that the next free one goes to holds the oldest.</summary>
    private ushort OldestId => _freeIds[_freeTail];

    /// <inheritdoc/>
    public override int Add(ReadOnlySpan<DriverBuffer> buffers, bool isWritable)
    {
        Span<DriverDescriptor> ring = Descriptors;
        ushort write = isWritable ? DriverDescriptor.Write : (ushort)0;
        int count = Math.Min(buffers.Length, FreeCount);
        for (int i = 0; i < count; i++)
        {
            DriverBuffer buffer = buffers[i];
            ushort id = TakeId(buffer.Token, 1);
            Put(ring, buffer.Address, buffer.Length, id, write);
        }

        FreeCount -= count;
        _addedSinceKick += count;
        return count;
    }

    /// <inheritdoc/>
    public override bool TryAddChain(ReadOnlySpan<DriverBuffer> readable, ReadOnlySpan<DriverBuffer> writable, ushort token)
    {
        int count = readable.Length + writable.Length;
        if (count > FreeCount || count == 0)
            return false;

        Span<DriverDescriptor> ring = Descriptors;
        ushort id = TakeId(token, count);
        for (int i = 0; i < count; i++)
        {
            DriverBuffer buffer = i < readable.Length ? readable[i] : writable[i - readable.Length];
            int flags = (i + 1 < count ? DriverDescriptor.Next : 0) | (i < readable.Length ? 0 : DriverDescriptor.Write);
            Put(ring, buffer.Address, buffer.Length, id, (ushort)flags);
        }

        FreeCount -= count;
        _addedSinceKick += count;
        return true;
    }

    /// <inheritdoc/>
    public override bool TryAddIndirect(ReadOnlySpan<DriverBuffer> readable, ReadOnlySpan<DriverBuffer> writable, ushort token)
    {
        if (FreeCount == 0)
            return false;

        ushort id = TakeId(token, 1);
        DriverDescriptor table = WriteIndirect(id, readable, writable);
        Put(Descriptors, table.Address, table.Length, id, DriverDescriptor.Indirect);
        FreeCount--;
        _addedSinceKick++;
        return true;
    }

    /// <inheritdoc/>
    public override void Publish()
    {
        if (_firstUnpublished < 0)
            return;

        // The device looks at slots in order: the first one, written last, makes all of them visible.
        Volatile.Write(ref FlagsOf(RingWords, _firstUnpublished), _firstFlags);
        _firstUnpublished = -1;
    }

    /// <inheritdoc/>
    public override bool NeedsKick()
    {
        int added = _addedSinceKick;
        _addedSinceKick = 0;
        Fence.StoreThenLoad();
        Span<ushort> events = DeviceEvent;
        ushort flags = Volatile.Read(ref events[1]);
        if (added == 0 || flags == EventDisable)
            return false;
        if (flags == EventEnable || !UsesEventIndex)
            return true;

        ushort wanted = Volatile.Read(ref events[0]);
        bool isSameLap = ((wanted & WrapBit) != 0) == AvailableWrap;
        int position = (wanted & ~WrapBit) - (isSameLap ? 0 : Size);
        return (ushort)(_available - position - 1) < (ushort)added;
    }

    /// <inheritdoc/>
    public override int Collect(Span<UsedBuffer> used)
    {
        Span<DriverDescriptor> ring = Descriptors;
        Span<ushort> words = RingWords;
        int count = 0;
        while (count < used.Length)
        {
            if (!_isInBatch && !IsUsed(Volatile.Read(ref FlagsOf(words, _used))))
                break;

            DriverDescriptor entry = ring[_used];
            ushort id = _isInBatch ? _batchId : entry.Low;
            if (id >= _length.Length || _length[id] == 0)
                throw Unknown(id);

            uint length = (entry.High & DriverDescriptor.Write) != 0 ? entry.Length : 0;
            if (IsInOrder && id != OldestId)
            {
                // A device that keeps order may write one entry for many chains: those before it were used whole (virtio 1.4, 2.8.9).
                _batchLength = _isInBatch ? _batchLength : length;
                _batchId = id;
                _isInBatch = true;
                id = OldestId;
                length = uint.MaxValue;
            }
            else if (_isInBatch)
            {
                length = _batchLength;
                _isInBatch = false;
            }

            used[count++] = new UsedBuffer(_token[id], length);
            Release(id);
        }

        return count;
    }

    /// <inheritdoc/>
    public override void SuppressInterrupts() => DriverEvent[1] = EventDisable;

    /// <inheritdoc/>
    public override bool ArmInterrupts()
    {
        Span<ushort> events = DriverEvent;
        if (UsesEventIndex)
        {
            events[0] = (ushort)(_used | (_usedWrap ? WrapBit : 0));
            Volatile.Write(ref events[1], EventDescriptor);
        }
        else
        {
            events[1] = EventEnable;
        }

        Fence.StoreThenLoad();
        return HasUsed;
    }

    /// <inheritdoc/>
    public override void Reset()
    {
        Descriptors.Clear();
        DriverEvent.Clear();
        DeviceEvent.Clear();
        _length.AsSpan().Clear();
        for (int i = 0; i < Size; i++)
            _freeIds[i] = (ushort)i;
        FreeCount = Size;
        _freeHead = _freeTail = _available = _used = _addedSinceKick = 0;
        _availableFlags = DriverDescriptor.Available;
        _usedWrap = true;
        _firstUnpublished = -1;
        _isInBatch = false;
    }

    /// <summary>The flags that make the next slot available: <paramref name="flags"/> and the bits of the wrap counter.</summary>
    public ushort WithWrap(ushort flags) => (ushort)(flags | _availableFlags);

    private protected override DriverDescriptor IndirectEntry(in DriverBuffer buffer, ushort flags, int next) =>
        new(buffer.Address, buffer.Length, 0, flags);

    private static ref ushort FlagsOf(Span<ushort> words, int slot) => ref words[(slot * WordsPerSlot) + WordsPerSlot - 1];

    private bool IsUsed(ushort flags)
    {
        bool available = (flags & DriverDescriptor.Available) != 0;
        bool used = (flags & DriverDescriptor.Used) != 0;
        return available == used && used == _usedWrap;
    }

    private ushort TakeId(ushort token, int slots)
    {
        ushort id = _freeIds[_freeHead];
        _freeHead = _freeHead + 1 == Size ? 0 : _freeHead + 1;
        _token[id] = token;
        _length[id] = (ushort)slots;
        return id;
    }

    /// <summary>Fills the next slot. The first since the last publishing stays unavailable until then.</summary>
    private void Put(Span<DriverDescriptor> ring, ulong address, uint length, ushort id, ushort flags)
    {
        flags = WithWrap(flags);
        if (_firstUnpublished < 0)
        {
            _firstUnpublished = _available;
            _firstFlags = flags;
            flags ^= DriverDescriptor.Available | DriverDescriptor.Used;
        }

        ring[_available] = new DriverDescriptor(address, length, id, flags);
        if (++_available == Size)
        {
            _available = 0;
            _availableFlags ^= DriverDescriptor.Available | DriverDescriptor.Used;
        }
    }

    private void Release(ushort id)
    {
        int slots = _length[id];
        _length[id] = 0;
        _freeIds[_freeTail] = id;
        _freeTail = _freeTail + 1 == Size ? 0 : _freeTail + 1;
        FreeCount += slots;
        _used += slots;
        if (_used >= Size)
        {
            _used -= Size;
            _usedWrap = !_usedWrap;
        }
    }
}
