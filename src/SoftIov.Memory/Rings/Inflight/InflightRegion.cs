namespace SoftIov.Memory;

/// <summary>
/// What a ring has in flight, in memory that outlives this process: another one goes on by it (vhost-user specification, "Inflight I/O
/// tracking"). A front-end can write it at any time, so nothing of it is believed, and nothing of it is read while the ring runs.
/// </summary>
public abstract unsafe class InflightRegion
{
    private const int Alignment = 64;
    private const int VersionOffset = 8;
    private const int CountOffset = 10;
    private const ushort KnownVersion = 1;
    private const ulong KnownFeatures = 0;

    private readonly byte* _region;
    private readonly int _capacity;

    private protected InflightRegion(IHostMemory memory, long offset, int capacity, long length)
    {
        ArgumentNullException.ThrowIfNull(memory);
        ArgumentOutOfRangeException.ThrowIfNegative(offset);
        ArgumentOutOfRangeException.ThrowIfNotEqual(offset % sizeof(ulong), 0);
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(capacity);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(offset, memory.Length - length);
        _region = (byte*)memory.Address + offset;
        _capacity = capacity;
    }

    /// <summary>Bytes of the region of one ring of <paramref name="capacity"/> entries; the next ring's follows there.</summary>
    public static long LengthOf(int capacity, bool isPacked)
    {
        long length = isPacked ? PackedInflight.Length(capacity) : SplitInflight.Length(capacity);
        return (length + Alignment - 1) & -Alignment;
    }

    /// <summary>The region of one ring at <paramref name="offset"/> of memory that stays mapped while it is used.</summary>
    public static InflightRegion At(IHostMemory memory, long offset, int capacity, bool isPacked) =>
        isPacked ? new PackedInflight(memory, offset, capacity) : new SplitInflight(memory, offset, capacity);

    /// <summary>
    /// Before the ring runs: brings it to where the region says that it stood, and makes available again what was taken from it and not used, in
    /// the order in which it was taken. <paramref name="position"/> is where a ring with a new region stands, and changes to where this one
    /// stood. False when what is there makes no sense.
    /// </summary>
    public bool TryResume(DmaDomain domain, in VirtqueueLayout layout, ref VirtqueueCursor position)
    {
        ArgumentNullException.ThrowIfNull(domain);
        if (layout.Size > _capacity || Volatile.Read(ref *(ulong*)_region) != KnownFeatures)
        {
            return false;
        }

        ref ushort version = ref Word(VersionOffset);
        switch (Volatile.Read(ref version))
        {
            case 0:
                if (!TryBegin(layout.Size, position))
                {
                    return false;
                }

                Word(CountOffset) = layout.Size;
                Volatile.Write(ref version, KnownVersion);
                return true;
            case KnownVersion:
                int count = Volatile.Read(ref Word(CountOffset));
                return count >= layout.Size && count <= _capacity && TryResume(domain, layout, count, ref position);
            default:
                return false;
        }
    }

    /// <summary>The ring stopped in peace: nothing is in flight, and whoever asked where it stands knows it. The region is as a new one.</summary>
    public void Forget() => Volatile.Write(ref Word(VersionOffset), (ushort)0);

    /// <summary>Nothing is in flight at the ring, which stands there. False when it cannot.</summary>
    private protected abstract bool TryBegin(int count, in VirtqueueCursor position);

    /// <summary>As the public one, with a region of <paramref name="count"/> entries, no fewer than the ring has.</summary>
    private protected abstract bool TryResume(DmaDomain domain, in VirtqueueLayout layout, int count, ref VirtqueueCursor position);

    /// <summary>A 16-bit field.</summary>
    private protected ref ushort Word(int offset) => ref *(ushort*)(_region + offset);

    /// <summary>Any field; aligned as its type is.</summary>
    private protected byte* At(int offset) => _region + offset;
}
