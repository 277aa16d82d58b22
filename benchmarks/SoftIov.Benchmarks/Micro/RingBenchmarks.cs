using BenchmarkDotNet.Attributes;
using SoftIov.Lab.Virtio;
using SoftIov.Memory;
using SoftIov.Tests.Memory;

namespace SoftIov.Benchmarks.Micro;

/// <summary>A burst of one-buffer chains from a ring and back to it, in ns for a chain. The cursor is put back: the same chains each time.</summary>
public class RingBenchmarks
{
    private const int Burst = 32;
    private const int Size = 256;
    private const uint BufferLength = 64;

    private readonly uint[] _written = new uint[Burst];
    private readonly DriverBuffer[] _buffers = new DriverBuffer[Burst];
    private readonly UsedBuffer[] _used = new UsedBuffer[Burst];
    private RingSetup _ring = null!;
    private VirtqueueCursor _untaken;
    private VirtqueueCursor _taken;
    private VirtqueueCursor _completed;

    [Params("split", "packed")]
    public string Ring { get; set; } = "";

    [GlobalSetup]
    public void Fill()
    {
        _ring = new RingSetup(Size, RingFeatures.EventIndex | (Ring == "packed" ? RingFeatures.Packed : 0));
        for (int i = 0; i < Burst; i++)
            _buffers[i] = new DriverBuffer(_ring.Buffers + ((uint)i * BufferLength), BufferLength, (ushort)i);
        _ring.Driver.Add(_buffers, isWritable: false);
        _ring.Driver.Publish();
        _untaken = _ring.Cursor;
        _ring.Device.Take(_ring.Batch, Burst);
        _taken = _ring.Cursor;
        _completed = _taken;
        _completed.NextUsed = _taken.NextAvailable;
        _completed.UsedWrap = _taken.AvailableWrap;
    }

    [GlobalSetup(Target = nameof(WholeWay))]
    public void Empty()
    {
        Fill();
        _ring.Device.Complete(_ring.Batch, 0, _written);
        _ring.Device.Publish();
        _ring.Driver.Collect(_used);
    }

    [GlobalCleanup]
    public void Free() => _ring.Dispose();

    [Benchmark(OperationsPerInvoke = Burst)]
    public int Take()
    {
        _ring.Cursor = _untaken;
        _ring.Batch.Clear();
        return _ring.Device.Take(_ring.Batch, Burst);
    }

    [Benchmark(OperationsPerInvoke = Burst)]
    public void Put()
    {
        _ring.Cursor = _taken;
        _ring.Device.Complete(_ring.Batch, 0, _written);
        _ring.Device.Publish();
    }

    /// <summary>Once for a burst: a full fence is most of it.</summary>
    [Benchmark]
    public bool DecideInterrupt()
    {
        _ring.Cursor = _completed;
        return _ring.Device.NeedsInterrupt();
    }

    /// <summary>The driver's side too, on the same processor.</summary>
    [Benchmark(OperationsPerInvoke = Burst)]
    public int WholeWay()
    {
        _ring.Driver.Add(_buffers, isWritable: false);
        _ring.Driver.Publish();
        _ring.Batch.Clear();
        _ring.Device.Take(_ring.Batch, Burst);
        _ring.Device.Complete(_ring.Batch, 0, _written);
        _ring.Device.Publish();
        return _ring.Driver.Collect(_used);
    }
}
