using System.Numerics;
using System.Runtime.InteropServices;
using SoftIov.Memory;
using Xunit;

namespace SoftIov.Tests.Memory;

/// <summary>Pages that are marked while somebody else takes the marks away.</summary>
public sealed class DirtyLogTests
{
    private const int Pages = 64; // one word: all writers and the reader meet in it
    private const int Writers = 3;
    private const int Rounds = 500;

    [Fact]
    public void V094_no_mark_is_lost_while_marks_are_taken_away()
    {
        using var memory = new NativeHostMemory(DirtyLog.Alignment);
        var log = new DirtyLog(memory, 0, DirtyLog.Alignment);
        long[] written = new long[Pages];
        long[] copied = new long[Pages];
        using var round = new Barrier(Writers + 1);
        Thread[] writers = [.. Enumerable.Range(0, Writers).Select(writer => new Thread(() => Write(writer, round, written, log)))];
        foreach (Thread writer in writers)
            writer.Start();
        int lost = 0;
        for (int i = 0; i < Rounds; i++)
        {
            round.SignalAndWait();
            while (round.ParticipantsRemaining > 1)
                Copy(memory, written, copied);
            round.SignalAndWait();
            Copy(memory, written, copied);
            lost += written.Zip(copied).Count(page => page.First != page.Second);
        }

        foreach (Thread writer in writers)
            writer.Join();
        Assert.Equal(0, lost);
        Assert.All(written, times => Assert.Equal(Rounds, times));
    }

    /// <summary>Every page once a round, each writer its own.</summary>
    private static void Write(int writer, Barrier round, long[] written, DirtyLog log)
    {
        for (int i = 0; i < Rounds; i++)
        {
            round.SignalAndWait();
            for (int page = writer; page < Pages; page += Writers)
            {
                Interlocked.Increment(ref written[page]);
                log.Mark((ulong)page << 12, 1);
            }

            round.SignalAndWait();
        }
    }

    /// <summary>As who moves a guest: first the mark, then the page.</summary>
    private static void Copy(NativeHostMemory memory, long[] written, long[] copied)
    {
        ulong marks = Interlocked.Exchange(ref MemoryMarshal.Cast<byte, ulong>(memory.Bytes)[0], 0);
        for (; marks != 0; marks &= marks - 1)
        {
            int page = BitOperations.TrailingZeroCount(marks);
            copied[page] = Volatile.Read(ref written[page]);
        }
    }
}
