using SoftIov.Memory;

namespace SoftIov.Transports.VhostUser;

/// <summary>
/// Translations that rings wait for, on their way from pollers to the loop, which asks the front-end. Each is asked for once, and again when
/// there was no answer for a while: front-ends say nothing of what they cannot translate.
/// </summary>
internal sealed class IotlbMisses(TimeProvider time, Action ask) : ITranslationSource
{
    /// <summary>More than rings can wait for at a time; a driver that goes from one bad address to another is not remembered for ever.</summary>
    private const int Capacity = 256;

    private const ulong PageMask = 4095;
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(1);

    private readonly Lock _gate = new();
    private readonly Dictionary<(ulong Page, DmaAccess Access), long> _asked = new(Capacity);
    private readonly Queue<IotlbMessage> _waiting = new(Capacity);

    /// <inheritdoc/>
    public void Ask(ulong iova, DmaAccess access)
    {
        bool isFirst;
        lock (_gate)
        {
            (ulong, DmaAccess) miss = (iova & ~PageMask, access);
            long now = time.GetTimestamp();
            if (_asked.TryGetValue(miss, out long since) && time.GetElapsedTime(since, now) < Patience)
                return;
            if (_asked.Count >= Capacity)
                Forget();
            isFirst = _waiting.Count == 0;
            _asked[miss] = now;
            _waiting.Enqueue(IotlbMessage.Miss(iova & ~PageMask, access));
        }

        if (isFirst)
            ask();
    }

    /// <summary>The next to ask the front-end for.</summary>
    public bool TryTake(out IotlbMessage miss)
    {
        lock (_gate)
            return _waiting.TryDequeue(out miss);
    }

    /// <summary>The front-end gave these: when they are gone they may be asked for again.</summary>
    public void Answered(ulong iova, ulong size)
    {
        ulong last = Math.Max(iova, iova + (size - 1));
        lock (_gate)
        {
            foreach ((ulong Page, DmaAccess Access) asked in _asked.Keys)
            {
                if (asked.Page <= last && (asked.Page | PageMask) >= iova)
                    _asked.Remove(asked);
            }
        }
    }

    /// <summary>Nobody waits any more.</summary>
    public void Clear()
    {
        lock (_gate)
            Forget();
    }

    private void Forget()
    {
        _asked.Clear();
        _waiting.Clear();
    }
}
