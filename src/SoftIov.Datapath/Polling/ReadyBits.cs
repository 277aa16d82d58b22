using System.Numerics;

namespace SoftIov.Datapath;

/// <summary>A bit per pollable of one poller: set by anyone who has work for it, cleared by the poller alone.</summary>
internal sealed class ReadyBits
{
    /// <summary>Most pollables of one poller: every function a bus hierarchy can hold.</summary>
    public const int Capacity = 65536;

    private readonly ulong[] _words = new ulong[Capacity / 64];

    /// <summary>
    /// Sets a bit; false when it was set already: then the poller has not finished with an earlier wake, and will look. A full barrier must
    /// stand between the publication of the work and this, else the poller may clear the bit in between, unseeing.
    /// </summary>
    public bool Set(int slot)
    {
        ref ulong word = ref _words[slot >> 6];
        ulong bit = 1UL << slot;
        return (Volatile.Read(ref word) & bit) == 0 && (Interlocked.Or(ref word, bit) & bit) == 0;
    }

    /// <summary>Clears a bit with a full barrier: what is looked at afterwards is looked at after this.</summary>
    public void Clear(int slot) => Interlocked.And(ref _words[slot >> 6], ~(1UL << slot));

    /// <summary>The first set bit in slot..end; end when there is none.</summary>
    public int Next(int slot, int end)
    {
        ulong mask = ulong.MaxValue << slot;
        for (int word = slot >> 6; word << 6 < end; word++)
        {
            ulong bits = Volatile.Read(ref _words[word]) & mask;
            if (bits != 0)
            {
                return Math.Min(end, (word << 6) + BitOperations.TrailingZeroCount(bits));
            }

            mask = ulong.MaxValue;
        }

        return end;
    }
}
