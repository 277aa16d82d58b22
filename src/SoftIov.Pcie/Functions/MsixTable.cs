using System.Buffers.Binary;

namespace SoftIov.Pcie;

/// <summary>
/// The MSI-X vectors of a function: table and pending bits (PCIe 7.7.2). With a client's sink attached the client emulates the table (its
/// VMM never passes table writes on) and only the sink knows which vectors it takes; on the bus the table here decides.
/// </summary>
internal sealed class MsixTable(PciFunction function) : MessageVectors(function, function.Description.MsixVectorCount)
{
    /// <summary>Bytes of the table.</summary>
    public int TableLength => TableBytes(Count);

    /// <summary>Bytes of the pending bit array: whole 64-bit words.</summary>
    public int PendingLength => PendingBytes(Count);

    /// <inheritdoc/>
    public override bool IsEnabled => (Volatile.Read(ref Function.Registers.MsixControl) & MsixCapability.Enable) != 0;

    private bool IsFunctionMasked => (Volatile.Read(ref Function.Registers.MsixControl) & MsixCapability.FunctionMask) != 0;

    /// <summary>Bytes of a table of <paramref name="count"/> vectors.</summary>
    public static int TableBytes(int count) => count * MsixEntry.Size;

    /// <summary>Bytes of the pending bits of <paramref name="count"/> vectors.</summary>
    public static int PendingBytes(int count) => (count + VectorsPerWord - 1) / VectorsPerWord * sizeof(ulong);

    /// <summary>Message control was written.</summary>
    public void ControlChanged()
    {
        if (!IsEnabled)
            Function.Registers.MsixPending = default;
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
        lock (Function.MessageGate)
        {
            for (int i = 0; i < source.Length; i += sizeof(uint))
                Word(vector, offset % MsixEntry.Size + i) = BinaryPrimitives.ReadUInt32LittleEndian(source[i..]);
            ref MsixEntry entry = ref Function.Registers.MsixTable[vector];
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
            ulong word = Volatile.Read(ref Function.Registers.MsixPending[at / sizeof(ulong)]);
            destination[i] = (byte)(word >> (at % sizeof(ulong) * 8));
        }
    }

    protected override ref ulong PendingWord(int index) => ref Function.Registers.MsixPending[index];

    protected override bool IsMasked(int vector) => IsFunctionMasked;

    protected override bool TrySignal(IInterruptSink sink, int vector) => sink.SignalMsix(vector);

    protected override InterruptMessage? MessageOf(int vector)
    {
        MsixEntry entry;
        lock (Function.MessageGate)
            entry = Function.Registers.MsixTable[vector];
        return IsEnabled && (entry.VectorControl & MsixEntry.Masked) == 0
            ? new InterruptMessage(Function.Dma.Requester, entry.AddressLow | ((ulong)entry.AddressHigh << 32), entry.Data)
            : null;
    }

    private ref uint Word(int vector, int offset)
    {
        ref MsixEntry entry = ref Function.Registers.MsixTable[vector];
        switch (offset)
        {
            case 0x0: return ref entry.AddressLow;
            case 0x4: return ref entry.AddressHigh;
            case 0x8: return ref entry.Data;
            default: return ref entry.VectorControl;
        }
    }
}
