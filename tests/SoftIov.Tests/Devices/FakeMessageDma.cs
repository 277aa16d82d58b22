using SoftIov.Lab.Pci;
using SoftIov.Memory;

namespace SoftIov.Tests.Devices;

/// <summary>A client that answers DMA messages out of a driver's memory: at once, not at all, or not each time.</summary>
internal sealed class FakeMessageDma(DriverMemory memory) : IMessageDma
{
    private readonly ManualResetEventSlim _answers = new(initialState: true);
    private readonly Lock _gate = new();
    private readonly Random _random = new(1);
    private int _suspensions;
    private int _waiting;
    private long _calls;
    private long _cancelled;

    /// <summary>Calls of a hundred that fail as if cancelled.</summary>
    public int FailurePercent { get; set; }

    public long Calls => Volatile.Read(ref _calls);

    public long Cancelled => Volatile.Read(ref _cancelled);

    /// <summary>Calls that wait for an answer just now.</summary>
    public int Waiting => Volatile.Read(ref _waiting);

    /// <summary>Names of the threads that called.</summary>
    public HashSet<string> Callers { get; } = [];

    /// <summary>Whether the client answers.</summary>
    public bool Answers
    {
        set
        {
            if (value)
                _answers.Set();
            else
                _answers.Reset();
        }
    }

    public bool TryRead(ulong iova, Span<byte> destination)
    {
        if (!TryPass())
            return false;
        memory.Span(iova, destination.Length).CopyTo(destination);
        return true;
    }

    public bool TryWrite(ulong iova, ReadOnlySpan<byte> source)
    {
        if (!TryPass())
            return false;
        source.CopyTo(memory.Span(iova, source.Length));
        return true;
    }

    public void Suspend() => Interlocked.Increment(ref _suspensions);

    public void Resume() => Interlocked.Decrement(ref _suspensions);

    private bool TryPass()
    {
        lock (_gate)
            Callers.Add(Thread.CurrentThread.Name ?? string.Empty);
        Interlocked.Increment(ref _waiting);
        bool isCancelled = Volatile.Read(ref _suspensions) > 0;
        while (!isCancelled && !_answers.Wait(1))
            isCancelled = Volatile.Read(ref _suspensions) > 0;
        Interlocked.Decrement(ref _waiting);
        lock (_gate)
            isCancelled |= _random.Next(100) < FailurePercent;
        Interlocked.Increment(ref _calls);
        if (isCancelled)
            Interlocked.Increment(ref _cancelled);
        return !isCancelled;
    }
}
