namespace SoftIov.Memory;

/// <summary>Faults that are injected into the DMA of one function. Set by control code, taken from any thread without a lock.</summary>
public sealed class InjectedDmaFaults
{
    /// <summary>Accesses that are refused although they may be done, as if the mapping had been lost.</summary>
    public Countdown Refusals { get; } = new();

    /// <summary>Reads whose completion is poisoned: what came is thrown away.</summary>
    public Countdown PoisonedReads { get; } = new();

    /// <summary>A read was poisoned. Called on a thread of the pool, since who reads must not wait.</summary>
    public Action? Poisoned { get; set; }

    /// <summary>Some access is still to be refused or poisoned: each has to ask.</summary>
    internal bool IsArmed => Refusals.Left != 0 || PoisonedReads.Left != 0;

    /// <summary>Whether this read is poisoned; tells so.</summary>
    internal bool TryPoison()
    {
        if (!PoisonedReads.TryTake())
        {
            return false;
        }

        if (Poisoned is { } poisoned)
        {
            ThreadPool.UnsafeQueueUserWorkItem(static told => told(), poisoned, preferLocal: false);
        }

        return true;
    }
}
