using System.Diagnostics;
using SoftIov.Benchmarks.Net;
using SoftIov.Lab.Nvme;

namespace SoftIov.Benchmarks.Nvme;

/// <summary>Random commands of one size, so many in flight, by a client that polls.</summary>
internal sealed class NvmeRun
{
    private const int Buckets = 1 << 16;
    private const double BucketNanoseconds = 10;

    private readonly NvmeBed _bed;
    private readonly int _depth;
    private readonly SubmissionEntry[] _commands;
    private readonly long[] _submittedAt;
    private readonly int[] _histogram = new int[Buckets];
    private readonly PollerClock _clock = new(isOwnThread: false);
    private readonly long _places;
    private readonly int _blocksPerCommand;
    private ulong _random = 88172645463325252;

    public NvmeRun(NvmeBed bed, NvmeBenchOptions options, int depth)
    {
        _bed = bed;
        _depth = depth;
        _blocksPerCommand = options.Size >> bed.BlockShift;
        _places = bed.Blocks / _blocksPerCommand;
        _commands = new SubmissionEntry[256];
        _submittedAt = new long[256];
        for (int i = 0; i < _commands.Length; i++)
        {
            var list = new PrpList(bed.Memory, 1, 4096);
            DataPointer data = list.Describe(bed.Memory.Allocate(options.Size, 4096), options.Size);
            SubmissionEntry command = options.Write
                ? NvmCommand.Write(bed.NamespaceId, 0, _blocksPerCommand)
                : NvmCommand.Read(bed.NamespaceId, 0, _blocksPerCommand);
            _commands[i] = command.At(data);
        }
    }

    /// <summary>Runs for so long and says what came out.</summary>
    public NvmeSample Measure(double seconds)
    {
        Array.Clear(_histogram);
        long clock = _clock.Nanoseconds;
        long allocated = GC.GetTotalAllocatedBytes(precise: true);
        long start = Stopwatch.GetTimestamp();
        long end = start + (long)(seconds * Stopwatch.Frequency);
        long done = 0;
        for (int i = 0; i < _depth; i++)
            Submit();
        _bed.Queue.Ring();
        long now = start;
        while (now < end)
        {
            for (int i = 0; i < 64; i++)
                done += Turn(resubmits: true);
            now = Stopwatch.GetTimestamp();
        }

        allocated = GC.GetTotalAllocatedBytes(precise: true) - allocated;
        long poller = _clock.Nanoseconds - clock;
        while (_bed.Queue.InFlight > 0)
            Turn(resubmits: false);
        return new NvmeSample(done, (now - start) / (double)Stopwatch.Frequency, Percentile(0.99), poller, allocated);
    }

    private int Turn(bool resubmits)
    {
        if (_bed.Queue.Completions.Poll() == 0)
            return 0;
        long now = Stopwatch.GetTimestamp();
        int count = 0;
        while (_bed.Queue.TryTake(out CompletionEntry entry))
        {
            if (!entry.Status.IsSuccess)
                throw new InvalidOperationException($"A command ended with {entry.Status}.");
            double nanoseconds = (now - _submittedAt[entry.CommandId]) * 1e9 / Stopwatch.Frequency;
            _histogram[Math.Min((int)(nanoseconds / BucketNanoseconds), Buckets - 1)]++;
            count++;
            if (resubmits)
                Submit();
        }

        if (resubmits)
            _bed.Queue.Ring();
        return count;
    }

    private void Submit()
    {
        _random ^= _random << 13;
        _random ^= _random >> 7;
        _random ^= _random << 17;
        if (!_bed.Queue.TryAllocate(out ushort id))
            throw new InvalidOperationException("The queue is full.");
        long place = (long)(_random % (ulong)_places);
        _submittedAt[id] = Stopwatch.GetTimestamp();
        _bed.Queue.Submit(id, _commands[id].From((ulong)(place * _blocksPerCommand)));
    }

    private double Percentile(double part)
    {
        long left = (long)(_histogram.Sum(each => (long)each) * (1 - part));
        for (int i = Buckets - 1; i > 0; i--)
        {
            left -= _histogram[i];
            if (left <= 0)
                return i * BucketNanoseconds / 1000;
        }

        return 0;
    }
}
