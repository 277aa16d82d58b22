namespace SoftIov.Memory;

/// <content>What is written is marked while somebody wants to know (<see cref="DmaDomain.Log"/>): after it was written, a burst at a time.</content>
public abstract unsafe partial class Virtqueue
{
    /// <summary>Buffers of chains <paramref name="first"/> and following were written, from their start, as far as said.</summary>
    private protected void LogBuffers(ChainBatch batch, int first, ReadOnlySpan<uint> written)
    {
        if (Domain.Log is not { } log)
        {
            return;
        }

        for (int i = 0; i < written.Length; i++)
        {
            uint left = written[i];
            foreach (Segment segment in batch.Writable(first + i))
            {
                if (left == 0)
                {
                    break;
                }

                int part = (int)Math.Min((uint)segment.Length, left);
                log.Mark(_translator.GuestAddressOf(segment.Address), (ulong)part);
                left -= (uint)part;
            }
        }
    }

    /// <summary>A part of the ring that the device writes was written.</summary>
    private protected void LogRing(ulong area, ulong length)
    {
        if (Domain.Log is not { } log)
        {
            return;
        }

        ulong logged = Domain.IsTranslated
            ? _translator.GuestAddressOf(DmaDomain.ContiguousAddress(_translator.Map, area, length, DmaAccess.Write))
            : area;
        log.Mark(logged, length);
    }

    private protected abstract void LogDeviceArea();
}
