using System.Runtime.InteropServices;
using SoftIov.Lab.Pci;
using SoftIov.Memory;

namespace SoftIov.Lab.Virtio;

/// <summary>
/// Driver side of a virtqueue (virtio 1.4, 2.6 to 2.8), for one thread at a time, without allocation. Add buffers, publish once, kick if
/// <see cref="NeedsKick"/>; collect what came back. It believes nothing the device writes but what it can check: an id the device never
/// got is an <see cref="InvalidDataException"/>. The parts of the ring are open to whoever wants to write them wrong.
/// </summary>
public abstract class DriverVirtqueue
{
    /// <summary>Most descriptors of an indirect chain.</summary>
    public const int IndirectCapacity = 64;

    private ulong _indirectTables;

    private protected DriverVirtqueue(DriverMemory memory, int size, RingFeatures features)
    {
        ArgumentOutOfRangeException.ThrowIfNotEqual(size is >= 1 and <= 32768, true, nameof(size));
        Memory = memory;
        Size = size;
        Features = features;
        FreeCount = size;
    }

    /// <summary>Where the ring and the indirect tables lie.</summary>
    public DriverMemory Memory { get; }

    /// <summary>Entries.</summary>
    public int Size { get; }

    /// <summary>What driver and device agreed on.</summary>
    public RingFeatures Features { get; }

    /// <summary>Address of the descriptor table or the packed ring.</summary>
    public ulong DescriptorArea { get; private protected init; }

    /// <summary>Address of the available ring or the driver's event area.</summary>
    public ulong DriverArea { get; private protected init; }

    /// <summary>Address of the used ring or the device's event area.</summary>
    public ulong DeviceArea { get; private protected init; }

    /// <summary>Descriptors that can be added.</summary>
    public int FreeCount { get; private protected set; }

    /// <summary>Descriptor table or packed ring, as bare memory.</summary>
    public Span<DriverDescriptor> Descriptors =>
        MemoryMarshal.Cast<byte, DriverDescriptor>(Memory.Span(DescriptorArea, Size * DriverDescriptor.Size));

    /// <summary>Whether something came back.</summary>
    public abstract bool HasUsed { get; }

    private protected bool UsesEventIndex => (Features & RingFeatures.EventIndex) != 0;

    private protected bool IsInOrder => (Features & RingFeatures.InOrder) != 0;

    /// <summary>A ring of <paramref name="size"/> entries in <paramref name="memory"/>, split or packed as the features say.</summary>
    public static DriverVirtqueue Create(DriverMemory memory, int size, RingFeatures features)
    {
        ArgumentNullException.ThrowIfNull(memory);
        return (features & RingFeatures.Packed) != 0
            ? new PackedDriverVirtqueue(memory, size, features)
            : new SplitDriverVirtqueue(memory, size, features);
    }

    /// <summary>Adds buffers of one descriptor each, as many as there is room for; returns how many.</summary>
    public abstract int Add(ReadOnlySpan<DriverBuffer> buffers, bool isWritable);

    /// <summary>Adds a chain, readable buffers first; false when there is no room.</summary>
    public abstract bool TryAddChain(ReadOnlySpan<DriverBuffer> readable, ReadOnlySpan<DriverBuffer> writable, ushort token);

    /// <summary>Adds a chain in an indirect table, <see cref="IndirectCapacity"/> buffers at most; false when there is no room.</summary>
    public abstract bool TryAddIndirect(ReadOnlySpan<DriverBuffer> readable, ReadOnlySpan<DriverBuffer> writable, ushort token);

    /// <summary>Makes all that was added visible to the device.</summary>
    public abstract void Publish();

    /// <summary>After <see cref="Publish"/>: whether the device wants a kick for what was published since the last call.</summary>
    public abstract bool NeedsKick();

    /// <summary>Takes back what the device used; returns how many.</summary>
    public abstract int Collect(Span<UsedBuffer> used);

    /// <summary>Tells the device that interrupts are not needed.</summary>
    public abstract void SuppressInterrupts();

    /// <summary>Asks for an interrupt at the next used buffer. True when there is one already: look before you sleep.</summary>
    public abstract bool ArmInterrupts();

    /// <summary>As new: after a reset of the device or the queue.</summary>
    public abstract void Reset();

    private protected Span<ushort> Words(ulong iova, int count) => MemoryMarshal.Cast<byte, ushort>(Memory.Span(iova, count * sizeof(ushort)));

    /// <summary>The descriptor that points to slot <paramref name="slot"/>'s table, which is filled with the chain.</summary>
    private protected DriverDescriptor WriteIndirect(int slot, ReadOnlySpan<DriverBuffer> readable, ReadOnlySpan<DriverBuffer> writable)
    {
        int count = readable.Length + writable.Length;
        ArgumentOutOfRangeException.ThrowIfGreaterThan(count, IndirectCapacity, nameof(readable));
        const int TableSize = IndirectCapacity * DriverDescriptor.Size;
        if (_indirectTables == 0)
            _indirectTables = Memory.Allocate((long)Size * TableSize);

        ulong table = _indirectTables + ((ulong)slot * TableSize);
        Span<DriverDescriptor> entries = MemoryMarshal.Cast<byte, DriverDescriptor>(Memory.Span(table, count * DriverDescriptor.Size));
        for (int i = 0; i < count; i++)
        {
            DriverBuffer buffer = i < readable.Length ? readable[i] : writable[i - readable.Length];
            ushort flags = i < readable.Length ? (ushort)0 : DriverDescriptor.Write;
            entries[i] = IndirectEntry(buffer, flags, i + 1 < count ? i + 1 : 0);
        }

        return new DriverDescriptor(table, (uint)(count * DriverDescriptor.Size), 0, 0);
    }

    private protected abstract DriverDescriptor IndirectEntry(in DriverBuffer buffer, ushort flags, int next);

    private protected static InvalidDataException Unknown(uint id) => new($"The device used buffer {id}, which it did not have.");
}
