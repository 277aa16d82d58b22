using SoftIov.Memory;

namespace SoftIov.Daemon.Composition;

/// <summary>The last DMA accesses and interrupts of an adapter that were refused, as far as its log had room. One caller at a time.</summary>
internal sealed class RefusedAccesses(DmaFaultLog log)
{
    private const int Kept = 8;

    private readonly Queue<DmaFault> _last = new();

    /// <summary>Reads the log, as software reads fault recording registers, and returns what it knows; the newest last.</summary>
    public IReadOnlyList<DmaFault> Read()
    {
        while (log.TryTake(out DmaFault fault))
        {
            _last.Enqueue(fault);
            if (_last.Count > Kept)
                _last.Dequeue();
        }

        log.ClearOverflow();
        return [.. _last];
    }
}
