using System.Runtime.InteropServices;
using SoftIov.Lab.Pci;
using SoftIov.Memory;

namespace SoftIov.Lab.Nvme;

/// <summary>
/// Shadow doorbells (NVMe base 2.0, 5.8 Doorbell Buffer Config): values go to memory, and to the doorbells behind only when the controller's
/// event index asks for that. Not for the admin queues.
/// </summary>
public sealed class ShadowDoorbells : IDoorbells
{
    private readonly DriverMemory _memory;
    private readonly IDoorbells _doorbells;
    private readonly int _stride;
    private readonly int _page;

    /// <summary>Two pages in <paramref name="memory"/>, zeroed; <paramref name="doorbells"/> lie <paramref name="stride"/> apart.</summary>
    public ShadowDoorbells(DriverMemory memory, IDoorbells doorbells, int stride, int page)
    {
        ArgumentNullException.ThrowIfNull(memory);
        _memory = memory;
        _doorbells = doorbells;
        _stride = stride;
        _page = page;
        ShadowAddress = memory.Allocate(page, page);
        EventIndexAddress = memory.Allocate(page, page);
        Reset();
    }

    /// <summary>Page of the values.</summary>
    public ulong ShadowAddress { get; }

    /// <summary>Page of the event indexes.</summary>
    public ulong EventIndexAddress { get; }

    /// <summary>Doorbells that fit.</summary>
    public int Count => _page / _stride;

    /// <summary>How often the controller asked for a doorbell.</summary>
    public long Rung { get; private set; }

    /// <summary>Value last stored for a doorbell.</summary>
    public ref uint Shadow(int index) => ref Word(ShadowAddress, index);

    /// <summary>The controller's event index of a doorbell.</summary>
    public ref uint EventIndex(int index) => ref Word(EventIndexAddress, index);

    /// <inheritdoc/>
    public void Ring(int index, uint value)
    {
        ref uint shadow = ref Shadow(index);
        uint before = shadow;
        // Pairs with the controller's read of the shadow: entries are written before.
        Volatile.Write(ref shadow, value);
        // Pairs with the controller's fence between its event index and its last look at the shadow.
        Fence.StoreThenLoad();
        if (!IsAskedFor(Volatile.Read(ref EventIndex(index)), value, before))
            return;

        Rung++;
        _doorbells.Ring(index, value);
    }

    /// <summary>Forgets all values: after a reset of the controller.</summary>
    public void Reset()
    {
        _memory.Span(ShadowAddress, _page).Clear();
        _memory.Span(EventIndexAddress, _page).Clear();
    }

    /// <summary>Forgets a queue pair's values: before it is made anew.</summary>
    public void Reset(int queue)
    {
        for (int index = 2 * queue; index <= (2 * queue) + 1; index++)
            Shadow(index) = EventIndex(index) = 0;
    }

    /// <summary>Whether the event index was passed on the way from one value to another, in 16 bits.</summary>
    internal static bool IsAskedFor(uint eventIndex, uint value, uint before) =>
        (ushort)(value - eventIndex - 1) < (ushort)(value - before);

    private ref uint Word(ulong page, int index) =>
        ref MemoryMarshal.AsRef<uint>(_memory.Span(page + ((ulong)(uint)index * (uint)_stride), sizeof(uint)));
}
