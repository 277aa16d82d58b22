using System.Runtime.InteropServices;
using BenchmarkDotNet.Attributes;
using SoftIov.Benchmarks.Net;
using SoftIov.Devices.Nvme;
using SoftIov.Devices.Nvme.Spec;
using SoftIov.Lab.Pci;
using SoftIov.Memory;

namespace SoftIov.Benchmarks.Micro;

/// <summary>A submission queue entry copied out, its PRP entries read and its buffer found in the guest; in ns for a command.</summary>
public class PrpBenchmarks
{
    private const int PageSize = ControllerCapabilities.PageSize;

    private readonly Segment[] _entry = new Segment[1];
    private DriverMemory _memory = null!;
    private DmaTranslator _translator = null!;
    private PrpList _list = null!;
    private DataBuffer _buffer = null!;

    /// <summary>One page, two, and a list.</summary>
    [Params(4096, 8192, 131072)]
    public int Bytes { get; set; }

    [GlobalSetup]
    public void Fill()
    {
        _memory = DriverMemory.CreatePrivate(1 << 20);
        var domain = new DmaDomain(new InlineQuiescence(), new DmaFaultLog(16)) { BusMasterEnable = true };
        domain.Map(_memory.Iova, (ulong)_memory.Length, DmaAccess.Read | DmaAccess.Write, _memory.Host, 0);
        _translator = new DmaTranslator(domain);
        _list = new PrpList(_translator);
        _buffer = new DataBuffer(_translator);
        ulong queue = _memory.Allocate(PageSize, PageSize);
        ulong list = _memory.Allocate(PageSize, PageSize);
        ulong data = _memory.Allocate(Bytes, PageSize);
        Span<ulong> pages = MemoryMarshal.Cast<byte, ulong>(_memory.Span(list, PageSize));
        for (int i = 1; i < Bytes / PageSize; i++)
            pages[i - 1] = data + (ulong)(i * PageSize);
        ref SubmissionEntry entry = ref MemoryMarshal.AsRef<SubmissionEntry>(_memory.Span(queue, SubmissionEntry.Length));
        entry.Prp1 = data;
        entry.Prp2 = Bytes > 2 * PageSize ? list : pages[0];
        _translator.TryBegin();
        _translator.Translate(queue, SubmissionEntry.Length, DmaAccess.Read, _entry);
    }

    [GlobalCleanup]
    public void Free() => _memory.Dispose();

    [Benchmark]
    public int FetchAndWalk()
    {
        SubmissionEntry entry = _entry[0].Read<SubmissionEntry>(0);
        bool isGood = _translator.TryBegin()
            && _list.Read(in entry, Bytes) == NvmeStatus.Success
            && _buffer.TryMap(_list, Bytes, DmaAccess.Write);
        return isGood ? _buffer.Segments.Length : throw new InvalidOperationException("The list is not one.");
    }
}
