namespace SoftIov.Pcie;

/// <summary>
/// Vectors of a function that interrupt by message, and the decision to send or to keep pending (PCIe 6.1.4): one for MSI-X, one for MSI,
/// which differ in where their registers are. Events come from any thread and take no lock but for reading an address and its data.
/// </summary>
internal abstract class MessageVectors(PciFunction function, int count)
{
    /// <summary>Pending bits in one word of them.</summary>
    protected const int VectorsPerWord = 64;

    private int _openings;

    /// <summary>Vectors there are.</summary>
    public int Count => count;

    /// <summary>The enable bit of the capability.</summary>
    public abstract bool IsEnabled { get; }

    protected PciFunction Function => function;

    /// <summary>An event for <paramref name="vector"/>: sent, kept pending while something masks it, dropped while the capability is off.</summary>
    public void Fire(int vector)
    {
        if ((uint)vector >= (uint)count)
            return;
        vector = Granted(vector);
        ulong bit = 1UL << (vector % VectorsPerWord);
        ref ulong word = ref PendingWord(vector / VectorsPerWord);
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
        for (int i = 0; i < count; i++)
            SendPending(i);
    }

    /// <summary>The same for one vector.</summary>
    public void Opened(int vector)
    {
        Interlocked.Increment(ref _openings);
        if ((uint)vector < (uint)count)
            SendPending(vector);
    }

    /// <summary>The vector that an event of <paramref name="vector"/> uses.</summary>
    protected virtual int Granted(int vector) => vector;

    /// <summary>Word <paramref name="index"/> of the pending bits.</summary>
    protected abstract ref ulong PendingWord(int index);

    /// <summary>Whether the vector is held back by a register that counts with a client attached too.</summary>
    protected abstract bool IsMasked(int vector);

    /// <summary>Signals a client; false when it does not take the vector.</summary>
    protected abstract bool TrySignal(IInterruptSink sink, int vector);

    /// <summary>What goes out on the bus, read as a whole under <see cref="PciFunction.MessageGate"/>; null when nothing may.</summary>
    protected abstract InterruptMessage? MessageOf(int vector);

    private void SendPending(int vector)
    {
        ulong bit = 1UL << (vector % VectorsPerWord);
        ref ulong word = ref PendingWord(vector / VectorsPerWord);
        if ((Volatile.Read(ref word) & bit) != 0 && (Interlocked.And(ref word, ~bit) & bit) != 0)
            Fire(vector);
    }

    private bool TrySend(int vector)
    {
        if (!function.Dma.BusMasterEnable || IsMasked(vector))
            return false;
        if (function.Interrupts is { } sink)
            return TrySignalCopies(sink, vector);
        if (function.Messages is not { } messages || MessageOf(vector) is not { } message)
            return false;
        for (int copies = Copies(); copies > 0; copies--)
            messages.Send(message);
        return true;
    }

    private bool TrySignalCopies(IInterruptSink sink, int vector)
    {
        int copies = Copies();
        bool isTaken = copies == 0;
        for (; copies > 0; copies--)
            isTaken = TrySignal(sink, vector);
        return isTaken;
    }

    /// <summary>How often the next message goes out: once, unless a fault is injected.</summary>
    private int Copies() => function.Faults?.TakeMessage() ?? 1;
}
