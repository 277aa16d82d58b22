using SoftIov.Pcie;

namespace SoftIov.Tests.Pcie;

/// <summary>A client's interrupts: takes the vectors it was told to.</summary>
internal sealed class TakingSink : IInterruptSink
{
    private int _signals;

    public HashSet<int> Takes { get; } = [];

    public List<int> Got { get; } = [];

    /// <summary>MSI vectors signalled; those of <see cref="Takes"/> are taken.</summary>
    public List<int> GotMsi { get; } = [];

    public int Intx { get; private set; }

    /// <summary>Signals of any kind, taken or not.</summary>
    public int Signals => Volatile.Read(ref _signals);

    public bool SignalMsix(int vector) => Signal(Got, vector);

    public bool SignalMsi(int vector) => Signal(GotMsi, vector);

    public bool SignalIntx()
    {
        Interlocked.Increment(ref _signals);
        Intx++;
        return true;
    }

    private bool Signal(List<int> got, int vector)
    {
        Interlocked.Increment(ref _signals);
        lock (got)
        {
            if (!Takes.Contains(vector))
                return false;
            got.Add(vector);
            return true;
        }
    }
}
