using SoftIov.Memory;

namespace SoftIov.Devices.Nvme;

/// <summary>
/// Where a host says how far it got: doorbell registers, or the shadow page in its memory that it told us to look at instead (NVMe 2.0,
/// annex B.5). The admin queue keeps its registers. The registers are a page of ours, or one that the client has mapped. Values are whatever
/// the host wrote: queues judge them.
/// </summary>
internal sealed class Doorbells(StatePage<DoorbellPage> page)
{
    private const int PageBytes = 4096;

    private SharedPage? _shared;
    private DmaWindow? _shadow;
    private DmaWindow? _events;
    private Segment _shadowMemory;
    private Segment _eventMemory;

    /// <summary>True while the shadow page is in use.</summary>
    public bool IsShadowed => _shadow is not null;

    /// <summary>True while the client has the registers mapped: it writes them and nobody is told.</summary>
    public bool IsShared => Volatile.Read(ref _shared) is not null;

    /// <summary>
    /// The registers are in memory that the client has mapped, zeroed, or in our own page again with null. The caller waits for a quiet point.
    /// </summary>
    public void Share(IHostMemory? memory) =>
        Volatile.Write(ref _shared, memory is null ? null : new SharedPage(memory.Segment(0, PageBytes)));

    /// <summary>Looks at the shadow page from now on; at registers alone with null.</summary>
    public void Shadow(DmaDomain? dma, ulong shadow, ulong events)
    {
        _shadow = dma is null ? null : new DmaWindow(dma, shadow, PageBytes, DmaAccess.Read);
        _events = dma is null ? null : new DmaWindow(dma, events, PageBytes, DmaAccess.Write);
        _shadowMemory = default;
        _eventMemory = default;
    }

    /// <summary>Once per burst; a page that is not mapped just now leaves the registers.</summary>
    public void Refresh()
    {
        if (_shadow is null)
            return;
        if (!_shadow.TryOpen(out _shadowMemory) || !_events!.TryOpen(out _eventMemory))
            _shadowMemory = default;
    }

    /// <summary>Tail of submission queue <paramref name="queue"/>. What the host wrote before it is seen after it.</summary>
    public uint Tail(int queue) => Read(2 * queue, queue);

    /// <summary>Head of completion queue <paramref name="queue"/>.</summary>
    public uint Head(int queue) => Read((2 * queue) + 1, queue);

    /// <summary>Register of the head of completion queue <paramref name="queue"/>, from any thread.</summary>
    public uint RegisterOfHead(int queue) => ReadRegister((2 * queue) + 1);

    /// <summary>A register was written.</summary>
    public void Write(int index, uint value)
    {
        if (Volatile.Read(ref _shared) is { } shared)
            shared.Memory.WriteRelease(index * sizeof(uint), value);
        else
            Volatile.Write(ref page.Value[index], value);
    }

    /// <summary>A queue was made or deleted: its doorbells start at 0.</summary>
    public void Clear(int index) => Write(index, 0);

    /// <summary>All registers to 0.</summary>
    public void Clear()
    {
        page.Value = default;
        Volatile.Read(ref _shared)?.Memory.Clear();
    }

    /// <summary>
    /// Asks the host to write the register when it passes these values, since nobody will be looking. Followed by
    /// <see cref="Fence.StoreThenLoad"/> and another look: pairs with the host's barrier between shadow and event index.
    /// </summary>
    public void AskForTail(int queue, uint seen) => WriteEvent(2 * queue, seen);

    /// <summary>As <see cref="AskForTail"/>, for a completion queue's head.</summary>
    public void AskForHead(int queue, uint seen) => WriteEvent((2 * queue) + 1, seen);

    private uint Read(int index, int queue)
    {
        if (queue != 0 && _shadowMemory.Length != 0)
            return _shadowMemory.ReadAcquire(index * sizeof(uint));
        return ReadRegister(index);
    }

    private uint ReadRegister(int index) =>
        Volatile.Read(ref _shared) is { } shared ? shared.Memory.ReadAcquire(index * sizeof(uint)) : Volatile.Read(ref page.Value[index]);

    private void WriteEvent(int index, uint value)
    {
        if (_shadowMemory.Length != 0)
            _eventMemory.Write(index * sizeof(uint), value);
    }

    /// <summary>A segment behind one reference.</summary>
    private sealed class SharedPage(Segment memory)
    {
        public Segment Memory => memory;
    }
}
