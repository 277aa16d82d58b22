using System.Collections.Immutable;
using SoftIov.Devices.Nvme.Spec;
using SoftIov.Memory;

namespace SoftIov.Devices.Nvme;

/// <summary>
/// A namespace as pollers see it: geometry and place never change, a format makes another object. Commands ask <see cref="CheckRead"/> or
/// <see cref="CheckWrite"/>; one that outlives its poll holds the namespace from <see cref="TryEnter"/> to <see cref="Leave"/>. Commands are
/// counted in two turns, so that one can wait for those of before a moment while others go on.
/// </summary>
internal sealed class Namespace
{
    // Writes are let in, and the first one is told of: the one that asks pays for it, not those after.
    private const int FirstWrite = -1;

    private readonly ErasedStore _erased;
    private readonly ImmutableArray<Extent> _extents;
    private readonly long[] _starts;
    private readonly long _firstOffset;
    private readonly long _firstLength;
    private int _readStatus;
    private int _writeStatus;
    private readonly int[] _inFlight = new int[2];
    private readonly Lock _waiting = new();
    private int _turn;
    private ManualResetEventSlim? _drained;

    /// <summary>Open for commands, unless its record says otherwise.</summary>
    public Namespace(NamespaceRecord record, Reservations reservations, ErasedStore erased)
    {
        _erased = erased;
        Reservations = reservations;
        Id = record.Id;
        Format = record.Format;
        BlockShift = LbaFormat.Shift(record.Format);
        BlockCount = (ulong)(record.Length >> BlockShift);
        IsShared = record.IsShared;
        Uuid = record.Uuid;
        Nguid = record.Nguid;
        Eui64 = record.Eui64;
        _extents = record.Extents;
        _starts = new long[_extents.Length];
        for (int i = 0; i < _starts.Length; i++)
        {
            _starts[i] = Capacity;
            Capacity += _extents[i].Length;
        }

        (_firstOffset, _firstLength) = _extents[0];
        Protection = record.IsWriteProtected ? WriteProtection.Protected : WriteProtection.None;
        Close(record.IsErasing ? NvmeStatus.FormatInProgress : NvmeStatus.Success);
    }

    /// <summary>Its identifier (NSID).</summary>
    public uint Id { get; }

    /// <summary>Index of its LBA format.</summary>
    public int Format { get; }

    /// <summary>Bytes of a block as a power of two.</summary>
    public int BlockShift { get; }

    /// <summary>Blocks (NSZE).</summary>
    public ulong BlockCount { get; }

    /// <summary>Bytes of the store that belong to it (NVMCAP), at least those of its blocks.</summary>
    public long Capacity { get; }

    /// <summary>True when several controllers may have it (NMIC bit 0).</summary>
    public bool IsShared { get; }

    /// <summary>UUID.</summary>
    public Guid Uuid { get; }

    /// <summary>NGUID, the most significant byte first.</summary>
    public UInt128 Nguid { get; }

    /// <summary>EUI-64, the most significant byte first.</summary>
    public ulong Eui64 { get; }

    /// <summary>Who registered with it and holds a reservation.</summary>
    public Reservations Reservations { get; }

    /// <summary>Whether its owner refuses writes (feature 84h).</summary>
    public WriteProtection Protection { get; private set; }

    /// <summary>Commands that entered and did not leave.</summary>
    public int InFlight => CountOf(0) + CountOf(1);

    /// <summary>
    /// Byte of the store where a byte of the namespace is, and how many bytes follow there in one piece. The
    /// caller checked the whole range against <see cref="BlockCount"/>.
    /// </summary>
    public long Locate(long byteOffset, out long contiguousBytes)
    {
        contiguousBytes = _firstLength - byteOffset;
        return contiguousBytes > 0 ? _firstOffset + byteOffset : LocateBehindFirst(byteOffset, out contiguousBytes);
    }

    /// <summary>Whether a host may read, compare or verify just now.</summary>
    public NvmeStatus CheckRead(in HostId host)
    {
        int closed = Volatile.Read(ref _readStatus);
        return closed == 0 ? Reservations.CheckRead(host) : (NvmeStatus)closed;
    }

    /// <summary>Whether a host may write, zero, deallocate or flush just now.</summary>
    public NvmeStatus CheckWrite(in HostId host)
    {
        int closed = Volatile.Read(ref _writeStatus);
        return closed == 0 ? Reservations.CheckWrite(host) : closed == FirstWrite ? CheckFirstWrite(host) : (NvmeStatus)closed;
    }

    /// <summary>
    /// Counts a command that outlives this poll, and says in which turn; false when the namespace closed meanwhile: then it must not start.
    /// </summary>
    public bool TryEnter(out int turn)
    {
        turn = Volatile.Read(ref _turn);
        Interlocked.Increment(ref _inFlight[turn]);
        if (Volatile.Read(ref _readStatus) == 0)
            return true;
        Leave(turn);
        return false;
    }

    /// <summary>The command that entered in a turn is over: it touches the store no more.</summary>
    public void Leave(int turn)
    {
        if (Interlocked.Decrement(ref _inFlight[turn]) == 0)
            Volatile.Read(ref _drained)?.Set();
    }

    /// <summary>Refuses reads and writes with a status from now on, or with <see cref="NvmeStatus.Success"/> lets them in again.</summary>
    internal void Close(NvmeStatus status)
    {
        int writeStatus = (int)(status == NvmeStatus.Success ? ProtectedStatus : status);
        Volatile.Write(ref _writeStatus, writeStatus == 0 && _erased.IsErased ? FirstWrite : writeStatus);
        Volatile.Write(ref _readStatus, (int)status);
    }

    /// <summary>Refuses or allows writes, on top of what <see cref="Close"/> refuses.</summary>
    internal void Protect(WriteProtection protection)
    {
        Protection = protection;
        Close((NvmeStatus)_readStatus);
    }

    /// <summary>Waits until all commands have left. The namespace is closed, and every poller passed a quiet point since.</summary>
    internal void WaitUntilDrained()
    {
        lock (_waiting)
            WaitWhile(() => InFlight != 0);
    }

    /// <summary>Waits until all commands have left that entered before this call; others enter and leave meanwhile.</summary>
    internal void WaitForEarlier(IQuiescence pollers)
    {
        lock (_waiting)
        {
            // The other turn is empty: whoever waited last waited for it.
            int earlier = _turn;
            Volatile.Write(ref _turn, 1 - earlier);

            // Whoever read the old turn has counted itself there by then.
            pollers.WaitForQuietPoint();
            WaitWhile(() => CountOf(earlier) != 0);
        }
    }

    private void WaitWhile(Func<bool> isBusy)
    {
        var drained = new ManualResetEventSlim();

        // A full fence between the two: either this thread sees the last command gone, or the last command sees the event.
        Interlocked.Exchange(ref _drained, drained);
        while (isBusy())
        {
            drained.Wait();
            drained.Reset();
        }

        Volatile.Write(ref _drained, null);
    }

    private int CountOf(int turn) => Volatile.Read(ref _inFlight[turn]);

    private NvmeStatus ProtectedStatus => Protection == WriteProtection.None ? NvmeStatus.Success : NvmeStatus.NamespaceWriteProtected;

    private NvmeStatus CheckFirstWrite(in HostId host)
    {
        NvmeStatus status = Reservations.CheckWrite(host);
        if (status == NvmeStatus.Success)
        {
            _erased.Written();
            Interlocked.CompareExchange(ref _writeStatus, 0, FirstWrite);
        }

        return status;
    }

    private long LocateBehindFirst(long byteOffset, out long contiguousBytes)
    {
        int index = Array.BinarySearch(_starts, byteOffset);
        if (index < 0)
            index = ~index - 1;
        long inExtent = byteOffset - _starts[index];
        contiguousBytes = _extents[index].Length - inExtent;
        return _extents[index].Offset + inExtent;
    }
}
