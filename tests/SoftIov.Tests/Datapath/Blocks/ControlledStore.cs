using SoftIov.Datapath;
using SoftIov.Memory;

namespace SoftIov.Tests.Datapath;

/// <summary>
/// A store whose requests are answered when the test says so, as the test says. It has a volatile cache, and knows what would be left of it
/// after a power cut. Requests take effect when they are answered, in the order of their answers.
/// </summary>
internal sealed class ControlledStore : IBlockStore
{
    private const int SectorBytes = 512;

    private readonly Lock _gate = new();
    private readonly List<Flight> _waiting = [];
    private readonly List<BlockRequest> _started = [];
    private readonly byte[] _cached;
    private readonly byte[] _stable;
    private readonly long[] _cachedVersions;
    private readonly long[] _stableVersions;
    private long _version;

    public ControlledStore(int length = 1 << 20, int blockBytes = SectorBytes)
        : this(new byte[length], blockBytes)
    {
    }

    private ControlledStore(byte[] content, int blockBytes)
    {
        _stable = content;
        _cached = (byte[])content.Clone();
        _cachedVersions = new long[content.Length / SectorBytes];
        _stableVersions = new long[content.Length / SectorBytes];
        BlockBytes = blockBytes;
    }

    public string Name => "controlled";

    public long Length => _cached.Length;

    public int BlockBytes { get; }

    public IHostMemory? Memory => null;

    public bool IsNull => false;

    public bool IsPersistent { get; set; } = true;

    /// <summary>Answers requests as soon as they are started; else they wait for <see cref="Answer(int)"/>.</summary>
    public bool IsAutomatic { get; set; }

    /// <summary>Flushes and durable writes are answered as done, and nothing is made stable: what a medium that lies does.</summary>
    public bool LosesFlushes { get; set; }

    /// <summary>How a request goes; all are done when null. One that is not done leaves the store as it was.</summary>
    public Func<BlockRequest, BlockOutcome>? Judge { get; set; }

    /// <summary>How many requests a lane takes at a time; its slots may want more.</summary>
    public int LaneCapacity { get; set; } = int.MaxValue;

    /// <summary>Makes the next lane fail to open.</summary>
    public bool RefusesLanes { get; set; }

    /// <summary>The medium never finishes what waits, not even for a lane that is disposed of: the test answers.</summary>
    public bool IsStuck { get; set; }

    /// <summary>Zeroing, giving back and flushing from control code throws this, whatever it is.</summary>
    public Exception? Broken { get; set; }

    /// <summary>Lanes that are open: their buffers are there.</summary>
    public int OpenLanes { get; private set; }

    /// <summary>What was started and not answered, the oldest first.</summary>
    public BlockRequest[] Waiting => Locked(() => _waiting.ConvertAll(flight => flight.Request).ToArray());

    /// <summary>All that was ever started.</summary>
    public BlockRequest[] Started => Locked(() => _started.ToArray());

    /// <summary>A copy of what reads would give.</summary>
    public byte[] Content => Locked(() => (byte[])_cached.Clone());

    /// <summary>Puts bytes in, as if they had always been there.</summary>
    public void Fill(long offset, ReadOnlySpan<byte> bytes)
    {
        bytes.CopyTo(_cached.AsSpan((int)offset));
        bytes.CopyTo(_stable.AsSpan((int)offset));
    }

    /// <summary>Answers the oldest requests that wait, and wakes their owners; returns how many they were.</summary>
    public int Answer(int atMost = int.MaxValue)
    {
        for (int i = 0; i < atMost; i++)
        {
            if (!Answer(_ => true))
            {
                return i;
            }
        }

        return atMost;
    }

    /// <summary>Answers the oldest request that is so, whatever waits before it; false when there is none.</summary>
    public bool Answer(Predicate<BlockRequest> isSo)
    {
        Flight? flight;
        lock (_gate)
        {
            flight = _waiting.Find(flight => isSo(flight.Request));
            if (flight is null)
            {
                return false;
            }

            _waiting.Remove(flight);
            flight.Lane.Answers.Enqueue(new BlockCompletion(flight.Request.Slot, Perform(flight)));
        }

        flight.Lane.Handle?.Wake();
        return true;
    }

    /// <summary>
    /// The store as it is found after a power cut now: what was neither flushed nor durable is gone, and so is what was not answered.
    /// </summary>
    public ControlledStore AfterPowerCut() => Locked(() => new ControlledStore((byte[])_stable.Clone(), BlockBytes));

    public IBlockLane OpenLane(int slotCount, int slotBytes, PollHandle handle)
    {
        if (RefusesLanes)
        {
            throw new IOException("no room for another lane");
        }

        lock (_gate)
        {
            OpenLanes++;
        }

        return new Lane(this, slotCount, slotBytes, handle);
    }

    public void Deallocate(long offset, long length) => RunNow(new BlockRequest(0, BlockOperation.Deallocate, offset, length));

    public void Flush() => RunNow(new BlockRequest(0, BlockOperation.Flush, 0, 0));

    public void Dispose()
    {
    }

    private T Locked<T>(Func<T> read)
    {
        lock (_gate)
        {
            return read();
        }
    }

    private void RunNow(BlockRequest request)
    {
        if (Broken is { } broken)
        {
            throw broken;
        }

        lock (_gate)
        {
            OpenLanes++;
            using var lane = new Lane(this, 1, 4096, handle: null);
            if (Perform(new Flight(lane, request, Snapshot())) != BlockOutcome.Done)
            {
                throw new IOException($"{request.Operation} failed");
            }
        }
    }

    private void Start(Lane lane, BlockRequest request)
    {
        lock (_gate)
        {
            _started.Add(request);
            _waiting.Add(new Flight(lane, request, request.Operation == BlockOperation.Flush ? Snapshot() : null));
        }
    }

    /// <summary>What a flush that starts now covers.</summary>
    private (byte[] Bytes, long[] Versions) Snapshot() => ((byte[])_cached.Clone(), (long[])_cachedVersions.Clone());

    private BlockOutcome Perform(Flight flight)
    {
        BlockRequest request = flight.Request;
        BlockOutcome outcome = Judge?.Invoke(request) ?? BlockOutcome.Done;
        if (outcome != BlockOutcome.Done)
        {
            return outcome;
        }

        int offset = (int)request.Offset;
        int length = (int)request.Length;
        switch (request.Operation)
        {
            case BlockOperation.Read:
                flight.Lane.Buffer(request.Slot).Write(request.BufferOffset, _cached.AsSpan(offset, length));
                break;

            case BlockOperation.Write:
                flight.Lane.Buffer(request.Slot).Read(request.BufferOffset, _cached.AsSpan(offset, length));
                Touch(request);
                break;

            case BlockOperation.Flush:
                Stabilise(0, _cached.Length, flight.Covered!.Value.Bytes, flight.Covered.Value.Versions);
                break;

            default:
                _cached.AsSpan(offset, length).Clear();
                Touch(request);
                break;
        }

        return BlockOutcome.Done;
    }

    private void Touch(BlockRequest request)
    {
        _cachedVersions.AsSpan((int)(request.Offset / SectorBytes), (int)(request.Length / SectorBytes)).Fill(++_version);
        if (request.IsDurable)
        {
            Stabilise((int)request.Offset, (int)request.Length, _cached, _cachedVersions);
        }
    }

    /// <summary>What is stable already, and newer, stays.</summary>
    private void Stabilise(int offset, int length, byte[] bytes, long[] versions)
    {
        if (LosesFlushes)
        {
            return;
        }

        for (int at = offset; at < offset + length; at += SectorBytes)
        {
            int sector = at / SectorBytes;
            if (versions[sector] > _stableVersions[sector])
            {
                bytes.AsSpan(at, SectorBytes).CopyTo(_stable.AsSpan(at));
                _stableVersions[sector] = versions[sector];
            }
        }
    }

    private sealed record Flight(Lane Lane, BlockRequest Request, (byte[] Bytes, long[] Versions)? Covered);

    private sealed class Lane(ControlledStore store, int slotCount, int slotBytes, PollHandle? handle) : IBlockLane
    {
        private readonly NativeHostMemory _buffers = new((long)slotCount * slotBytes);
        private readonly List<BlockRequest> _taken = [];

        public Queue<BlockCompletion> Answers { get; } = new();

        public PollHandle? Handle => handle;

        public int SlotCount => slotCount;

        public int SlotBytes => slotBytes;

        public int InFlight { get; private set; }

        public Segment Buffer(int slot) => _buffers.Segment((long)slot * slotBytes, slotBytes);

        public bool TrySubmit(in BlockRequest request)
        {
            if (InFlight >= store.LaneCapacity)
            {
                return false;
            }

            InFlight++;
            _taken.Add(request);
            return true;
        }

        public void Start()
        {
            foreach (BlockRequest request in _taken)
            {
                store.Start(this, request);
            }

            _taken.Clear();
            if (store.IsAutomatic)
            {
                store.Answer();
            }
        }

        public int Reap(Span<BlockCompletion> completions)
        {
            int count = 0;
            lock (store._gate)
            {
                while (count < completions.Length && Answers.TryDequeue(out BlockCompletion completion))
                {
                    completions[count++] = completion;
                    InFlight--;
                }
            }

            return count;
        }

        /// <summary>The medium finishes what waits: a test that is one thread cannot wait for itself.</summary>
        public void Dispose()
        {
            Start();
            while (store.IsStuck && store.Locked(() => store._waiting.Exists(flight => flight.Lane == this)))
            {
                Thread.Sleep(1);
            }

            lock (store._gate)
            {
                foreach (Flight flight in store._waiting.FindAll(flight => flight.Lane == this))
                {
                    store._waiting.Remove(flight);
                    store.Perform(flight);
                }

                store.OpenLanes--;
            }

            _buffers.Dispose();
        }
    }
}
