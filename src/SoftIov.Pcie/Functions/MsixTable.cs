using System.Buffers.Binary;

namespace SoftIov.Pcie;

/// <summary>
/// The MSI-X machinery of a function: table, pending bits, and the decision to send or to keep pending (PCIe 6.1.4). With a client's sink
/// attached the client emulates the table (its VMM never passes table writes on) and only the sink knows which vectors it takes; on the
/// bus the table here decides. Events come from any thread; only an entry is read and written under a lock, so that no message mixes an
/// old address with new data.
/// </summary>
internal sealed class MsixTable
{
    private const int VectorsPerWord = 64;

    private readonly PciFunction _function;
    private readonly int _count;
    private int _openings;

    public MsixTable(PciFunction function)
    {
        _function = function;
        _count = function.Description.MsixVectorCount;
    }

    /// <summary>Held while entries are read or written; nothing is called under it.</summary>
    public Lock EntryGate { get; } = new();

    /// <summary>Bytes of the table.</summary>
    public int TableLength => TableBytes(_count);

    /// <summary>Bytes of the pending bit array: whole 64-bit words.</summary>
    public int PendingLength => PendingBytes(_count);

    /// <summary>MSI-X Enable.</summary>
    public bool IsEnabled => (Volatile.Read(ref _function.Registers.MsixControl) & MsixCapability.Enable) != 0;

    private bool IsFunctionMasked => (Volatile.Read(ref _function.Registers.MsixControl) & MsixCapability.FunctionMask) != 0;

    /// <summary>Bytes of a table of <paramref name="count"/> vectors.</summary>
    public static int TableBytes(int count) => count * MsixEntry.Size;

    /// <summary>Bytes of the pending bits of <paramref name="count"/> vectors.</summary>
    public static int PendingBytes(int count) => (count + VectorsPerWord - 1) / VectorsPerWord * sizeof(ulong);

    /// <summary>An event for <paramref name="vector"/>: sent, kept pending while something masks it, dropped while MSI-X is off.</summary>
    public void Fire(int vector)
    {
        if ((uint)vector >= (uint)_count)
            return;
        ulong bit = 1UL << (vector % VectorsPerWord);
        ref ulong word = ref _function.Registers.MsixPending[vector / VectorsPerWord];
        int openings;
        do
        {
            openings = Volatile.Read(ref _openings);
            if (TrySend(vector) || !IsEnabled)
                return;

            // Pairs with Opened: either it finds this bit, or the count read next has moved and we try again.
            Interlocked.Or(ref word, bit);
        }
        while (openings != Volatile.Read(ref _openings) && (Interlocked.And(ref word, ~bit) & bit) != 0);
    }

    /// <summary>Something that held messages back was lifted: what is pending goes out, as far as it may.</summary>
    public void Opened()
    {
        Interlocked.Increment(ref _openings);
        for (int i = 0; i < _count; i++)
            SendPending(i);
    }

    /// <summary>The same for one vector.</summary>
    public void Opened(int vector)
    {
        Interlocked.Increment(ref _openings);
        if ((uint)vector < (uint)_count)
            SendPending(vector);
    }

    /// <summary>Message control was written.</summary>
    public void ControlChanged()
    {
        if (!IsEnabled)
            _function.Registers.MsixPending = default;
        else if (!IsFunctionMasked)
            Opened();
    }

    /// <summary>Reads bytes of the table.</summary>
    public void ReadTable(int offset, Span<byte> destination)
    {
        Span<byte> entry = stackalloc byte[MsixEntry.Size];
        for (int i = 0; i < destination.Length;)
        {
            int vector = (offset + i) / MsixEntry.Size;
            int start = (offset + i) % MsixEntry.Size;
            int count = Math.Min(MsixEntry.Size - start, destination.Length - i);
            for (int word = 0; word < MsixEntry.Size; word += sizeof(uint))
                BinaryPrimitives.WriteUInt32LittleEndian(entry[word..], Word(vector, word));
            entry.Slice(start, count).CopyTo(destination[i..]);
            i += count;
        }
    }

    /// <summary>Writes the table: aligned accesses of 4 or 8 bytes; others are undefined and ignored here (PCIe 7.7.2).</summary>
    public void WriteTable(int offset, ReadOnlySpan<byte> source)
    {
        if (source.Length is not (4 or 8) || offset % source.Length != 0)
            return;
        int vector = offset / MsixEntry.Size;
        bool isOpen;
        lock (EntryGate)
        {
            for (int i = 0; i < source.Length; i += sizeof(uint))
                Word(vector, offset % MsixEntry.Size + i) = BinaryPrimitives.ReadUInt32LittleEndian(source[i..]);
            ref MsixEntry entry = ref _function.Registers.MsixTable[vector];
            entry.AddressLow &= ~3u;
            isOpen = (entry.VectorControl & MsixEntry.Masked) == 0;
        }

        if (isOpen)
            Opened(vector);
    }

    /// <summary>Reads bytes of the pending bit array; writes to it have no effect.</summary>
    public void ReadPending(int offset, Span<byte> destination)
    {
        for (int i = 0; i < destination.Length; i++)
        {
            int at = offset + i;
            ulong word = Volatile.Read(ref _function.Registers.MsixPending[at / sizeof(ulong)]);
            destination[i] = (byte)(word >> (at % sizeof(ulong) * 8));
        }
    }

    private ref uint Word(int vector, int offset)
    {
        ref MsixEntry entry = ref _function.Registers.MsixTable[vector];
        switch (offset)
        {
            case 0x0: return ref entry.AddressLow;
            case 0x4: return ref entry.AddressHigh;
            case 0x8: return ref entry.Data;
            default: return ref entry.VectorControl;
        }
    }

    private void SendPending(int vector)
    {
        ulong bit = 1UL << (vector % VectorsPerWord);
        ref ulong word = ref _function.Registers.MsixPending[vector / VectorsPerWord];
        if ((Volatile.Read(ref word) & bit) != 0 && (Interlocked.And(ref word, ~bit) & bit) != 0)
            Fire(vector);
    }

    private bool TrySend(int vector)
    {
        if (!_function.Dma.BusMasterEnable || IsFunctionMasked)
            return false;
        if (_function.Interrupts is { } sink)
            return TrySignal(sink, vector);
        MsixEntry entry = EntryOf(vector);
        if (!IsEnabled || (entry.VectorControl & MsixEntry.Masked) != 0 || _function.Messages is not { } messages)
            return false;
        InterruptMessage message = new(_function.Dma.Requester, entry.AddressLow | ((ulong)entry.AddressHigh << 32), entry.Data);
        for (int copies = Copies(); copies > 0; copies--)
            messages.Send(message);
        return true;
    }

    private bool TrySignal(IInterruptSink sink, int vector)
    {
        int copies = Copies();
        bool isTaken = copies == 0;
        for (; copies > 0; copies--)
            isTaken = sink.SignalMsix(vector);
        return isTaken;
    }

    /// <summary>How often the next message goes out: once, unless a fault is injected.</summary>
    private int Copies() => _function.Faults?.TakeMessage() ?? 1;

    private MsixEntry EntryOf(int vector)
    {
        lock (EntryGate)
            return _function.Registers.MsixTable[vector];
    }
}
