using System.Buffers.Binary;

namespace SoftIov.Memory;

/// <summary>
/// Bounded ring of fault records in VT-d shape (VT-d specification, fault recording registers). When full, the overflow flag is set, newer
/// faults are only counted, and the oldest records are kept. Pollers write, control code reads.
/// </summary>
public sealed class DmaFaultLog
{
    /// <summary>Bytes of one record.</summary>
    public const int RecordSize = 16;

    private readonly DmaFault[] _records;
    private readonly Lock _lock = new();
    private int _first;
    private int _count;
    private long _total;

    /// <summary>An empty log of <paramref name="capacity"/> records.</summary>
    public DmaFaultLog(int capacity)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(capacity, 1);
        _records = new DmaFault[capacity];
    }

    /// <summary>PFO: a fault found the log full since the last <see cref="ClearOverflow"/>.</summary>
    public bool Overflowed { get; private set; }

    /// <summary>Faults since the start, recorded or not.</summary>
    public long Total => Volatile.Read(ref _total);

    /// <summary>Records that wait to be read.</summary>
    public int Count => _count;

    /// <summary>Adds a record. A fault ends the burst of the queue it came from, so this lock is not on a frame's path.</summary>
    public void Record(in DmaFault fault)
    {
        lock (_lock)
        {
            _total++;
            if (_count == _records.Length)
            {
                Overflowed = true;
                return;
            }

            _records[(_first + _count++) % _records.Length] = fault;
        }
    }

    /// <summary>Takes the oldest record out; false when there is none.</summary>
    public bool TryTake(out DmaFault fault)
    {
        lock (_lock)
        {
            fault = _count == 0 ? default : _records[_first];
            if (_count == 0)
            {
                return false;
            }

            _first = (_first + 1) % _records.Length;
            _count--;
            return true;
        }
    }

    /// <summary>Clears PFO, as software does by writing 1 to it.</summary>
    public void ClearOverflow()
    {
        lock (_lock)
        {
            Overflowed = false;
        }
    }

    /// <summary>
    /// The 128-bit record: page address in bits 63:12 of the low word; source id 15:0, reason 39:32, T (read) 62 and F (valid) 63 of the
    /// high one; little-endian, <see cref="RecordSize"/> bytes.
    /// </summary>
    public static void Encode(in DmaFault fault, Span<byte> destination)
    {
        ulong high = fault.Requester.Value | ((ulong)fault.Reason << 32) | (fault.IsWrite ? 0 : 1UL << 62) | (1UL << 63);
        BinaryPrimitives.WriteUInt64LittleEndian(destination, fault.Address & ~0xFFFUL);
        BinaryPrimitives.WriteUInt64LittleEndian(destination[8..], high);
    }
}
