namespace SoftIov.Memory;

/// <summary>
/// The region of a packed ring. A burst overwrites descriptors before its first one makes it visible, so until then the region keeps what stood
/// there; and it keeps where the ring stands, which the ring itself does not say. Between bursts nothing is in flight: entries are taken from
/// the first on, and the list of free ones is never written anew.
/// </summary>
internal sealed unsafe partial class PackedInflight(IHostMemory memory, long offset, int capacity)
    : InflightRegion(memory, offset, capacity, Length(capacity))
{
    private const int FreeHeadsOffset = 12;
    private const int PositionsOffset = 16;
    private const int HeaderLength = 32;

    private readonly ushort[] _heads = new ushort[capacity];
    private int _chains;
    private int _entries;
    private ulong _counter;
    private ushort _used;
    private byte _wrap;

    private PackedState* States => (PackedState*)At(HeaderLength);

    /// <summary>Bytes for so many descriptors.</summary>
    public static long Length(int capacity) => HeaderLength + ((long)capacity * PackedState.Size);

    /// <summary>
    /// Keeps the <paramref name="count"/> descriptors from <paramref name="slot"/> on, a chain that is about to be overwritten. What a driver
    /// that rewrites its ring makes of more slots than there are is not kept.
    /// </summary>
    public void Keep(RingDescriptor* ring, int size, int slot, int count)
    {
        int head = _entries;
        if (head + count > size)
        {
            return;
        }

        for (int entry = head; entry < head + count; entry++)
        {
            RingDescriptor descriptor = ring[slot];
            ref PackedState state = ref States[entry];
            (state.Address, state.Length) = (descriptor.Address, descriptor.Length);
            (state.Id, state.Flags) = (descriptor.PackedId, descriptor.PackedFlags);
            slot = slot + 1 == size ? 0 : slot + 1;
        }

        _entries = head + count;
        _heads[_chains++] = (ushort)head;
        (States[head].Last, States[head].Count, States[head].Counter) = ((ushort)(_entries - 1), (ushort)count, _counter++);

        // Pairs with the successor's look: whatever is marked is whole.
        Volatile.Write(ref States[head].Inflight, 1);
        WriteFreeHeads(_entries, _entries);
    }

    /// <summary>Before a burst is made visible: where the ring stands when it is.</summary>
    public void Submit(ushort used, byte wrap)
    {
        WriteFreeHeads(0, _entries);
        WritePositions(used, wrap);
    }

    /// <summary>The burst is visible: nothing is in flight, and the ring stands there for good.</summary>
    public void Settle(ushort used, byte wrap)
    {
        for (int i = 0; i < _chains; i++)
        {
            Volatile.Write(ref States[_heads[i]].Inflight, 0);
        }

        (_chains, _entries, _used, _wrap) = (0, 0, used, wrap);
        WriteFreeHeads(0, 0);
        WritePositions(used, wrap);
    }

    private protected override bool TryBegin(int count, in VirtqueueCursor position)
    {
        if (!position.IsInPackedRing(count) || position.NextAvailable != position.NextUsed)
        {
            return false;
        }

        for (int entry = 0; entry < count; entry++)
        {
            States[entry] = new PackedState { Next = (ushort)(entry + 1) };
        }

        (_chains, _counter) = (0, 0);
        Settle(position.NextUsed, position.UsedWrap);
        return true;
    }

    private void WriteFreeHeads(int head, int oldHead) =>
        Volatile.Write(ref *(uint*)At(FreeHeadsOffset), (uint)head | ((uint)oldHead << 16));

    /// <summary>In one store: used_idx, old_used_idx and their wrap counters.</summary>
    private void WritePositions(ushort used, byte wrap) =>
        Volatile.Write(ref *(ulong*)At(PositionsOffset), used | ((ulong)_used << 16) | ((ulong)wrap << 32) | ((ulong)_wrap << 40));
}
