using SoftIov.Memory;

namespace SoftIov.Datapath;

/// <summary>
/// One user's way to a block store: requests in flight, each in a slot with a page-aligned buffer. Calls come from one thread at a time, and
/// none of them waits for the medium but <see cref="IDisposable.Dispose"/>, which first waits for what is in flight. Allocates nothing.
/// </summary>
public interface IBlockLane : IDisposable
{
    /// <summary>Slots.</summary>
    int SlotCount { get; }

    /// <summary>Bytes of each slot's buffer, a multiple of 4096.</summary>
    int SlotBytes { get; }

    /// <summary>Requests that were taken and not yet reaped.</summary>
    int InFlight { get; }

    /// <summary>A slot's buffer. It belongs to the store while a request of the slot is in flight.</summary>
    Segment Buffer(int slot);

    /// <summary>Takes a request; false when there is no room just now: try again after the next <see cref="Reap"/>.</summary>
    bool TrySubmit(in BlockRequest request);

    /// <summary>Starts all that was taken since the last call.</summary>
    void Start();

    /// <summary>Takes answers, in any order; returns how many. When it returns 0, the next answer wakes the handle.</summary>
    int Reap(Span<BlockCompletion> completions);
}
