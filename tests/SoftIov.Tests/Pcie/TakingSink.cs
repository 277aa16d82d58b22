using SoftIov.Pcie;

namespace SoftIov.Tests.Pcie;

/// <summary>A client's interrupts: takes the vectors it was told to.</summary>
internal sealed class TakingSink : IInterruptSink
{
    private int _signals;

    public HashSet<int> Takes { get; } = [];

    public List<int> Got { get; } = [];

    public int Intx { get; private set; }

    /// <summary>Signals of any kind, taken or not.</summary>
    public int Signals => Volatile.Read(ref _signals);

    public bool SignalMsix(int vector)
    {
        Interlocked.Increment(ref _signals);
        lock (Got)
        {
            if (!Takes.Contains(vector))
                return false;
            Got.Add(vector);
            return true;
        }
    }

    public bool SignalIntx()
    {
        Interlocked.Increment(ref _signals);
        Intx++;
        return true;
    }
}
