namespace SoftIov.Memory;

/// <summary>
/// The region of a split ring. Our own rings write nothing there: they use chains in the order in which they were made available, and all of a
/// burst by one store to the used index. So what was taken and not used stands in the available ring from the used index on. What another
/// implementation left in flight is put there, and then the same holds.
/// </summary>
internal sealed unsafe class SplitInflight(IHostMemory memory, long offset, int capacity)
    : InflightRegion(memory, offset, capacity, Length(capacity))
{
    private const int BatchHeadOffset = 12;
    private const int UsedIndexOffset = 14;
    private const int HeaderLength = 16;
    private const int RingHeaderLength = 4;
    private const int AvailableIndexOffset = 2;

    private SplitState* States => (SplitState*)At(HeaderLength);

    /// <summary>Bytes for so many descriptors.</summary>
    public static long Length(int capacity) => HeaderLength + ((long)capacity * SplitState.Size);

    private protected override bool TryBegin(int count, in VirtqueueCursor position)
    {
        new Span<byte>(States, count * SplitState.Size).Clear();
        Word(BatchHeadOffset) = 0;
        Word(UsedIndexOffset) = position.NextUsed;
        return true;
    }

    private protected override bool TryResume(DmaDomain domain, in VirtqueueLayout layout, int count, ref VirtqueueCursor position)
    {
        EndBatch(count, position.NextUsed);
        List<ushort> heads = Heads(count);
        if (heads.Count == 0)
        {
            return true;
        }

        Span<byte> bytes = stackalloc byte[sizeof(ushort)];
        if (!domain.TryRead(layout.DriverArea + AvailableIndexOffset, bytes))
        {
            return false;
        }

        int waiting = (ushort)(BitConverter.ToUInt16(bytes) - position.NextUsed);
        return waiting <= layout.Size && heads.Count <= waiting && TryMakeAvailable(domain, layout, heads, position.NextUsed);
    }

    /// <summary>The used index was written, and the process died before it could take the marks of that batch away.</summary>
    private void EndBatch(int count, ushort used)
    {
        int left = Math.Min((ushort)(used - Word(UsedIndexOffset)), count);
        for (ushort index = Word(BatchHeadOffset); left > 0 && index < count; left--)
        {
            States[index].Inflight = 0;
            index = States[index].Next;
        }

        Word(UsedIndexOffset) = used;
    }

    /// <summary>First descriptors of what is in flight, in the order in which they were taken.</summary>
    private List<ushort> Heads(int count)
    {
        List<(ulong Counter, ushort Index)> heads = [];
        for (ushort index = 0; index < count; index++)
        {
            if (States[index].Inflight != 0)
            {
                heads.Add((States[index].Counter, index));
            }
        }

        heads.Sort();
        return heads.ConvertAll(static head => head.Index);
    }

    /// <summary>
    /// The places from the used index on are those of chains that were taken, these or others that are used by now, and the driver reads none of
    /// them again. Marks go from the last on: whoever has to begin once more finds the first ones in the same places.
    /// </summary>
    private bool TryMakeAvailable(DmaDomain domain, in VirtqueueLayout layout, List<ushort> heads, ushort used)
    {
        for (int i = 0; i < heads.Count; i++)
        {
            int place = (ushort)(used + i) % layout.Size;
            ulong address = layout.DriverArea + RingHeaderLength + (sizeof(ushort) * (ulong)place);
            if (heads[i] >= layout.Size || !domain.TryWrite(address, BitConverter.GetBytes(heads[i])))
            {
                return false;
            }
        }

        for (int i = heads.Count - 1; i >= 0; i--)
        {
            Volatile.Write(ref States[heads[i]].Inflight, 0);
        }

        return true;
    }
}
