using SoftIov.Memory;
using Xunit;

namespace SoftIov.Tests.Memory;

/// <summary>Domains of functions: what is mapped for one is for it alone.</summary>
public sealed class DmaDomainTests
{
    private const ulong Iova = 0x4000_0000;
    private static readonly RequesterId Requester = new(0x0105);

    private readonly DmaFaultLog _faults = new(8);

    [Fact]
    public void P130_Address_of_another_function_is_refused_with_the_own_requester_id()
    {
        using var memory = new NativeHostMemory(8192);
        DmaDomain other = Domain(new RequesterId(0x0104));
        DmaDomain own = Domain(Requester);
        other.Map(Iova, 4096, DmaAccess.Read, memory, 0);

        Assert.False(own.TryRead(Iova + 8, new byte[4]));
        Assert.True(_faults.TryTake(out DmaFault fault));
        Assert.Equal(new DmaFault(Requester, Iova + 8, false, DmaFaultReason.NotPresent), fault);
        Assert.True(other.TryRead(Iova + 8, new byte[4]));
    }

    [Theory]
    [InlineData(DmaAccess.Read, true, DmaFaultReason.NoWrite)]
    [InlineData(DmaAccess.Write, false, DmaFaultReason.NoRead)]
    [InlineData(DmaAccess.None, false, DmaFaultReason.NoRead)]
    public void P131_Access_the_map_does_not_allow_has_its_reason(DmaAccess allowed, bool isWrite, DmaFaultReason expected)
    {
        using var memory = new NativeHostMemory(4096);
        DmaDomain domain = Domain(Requester);
        domain.Map(Iova, 4096, allowed, memory, 0);

        Assert.False(isWrite ? domain.TryWrite(Iova, [1]) : domain.TryRead(Iova, new byte[1]));
        Assert.True(_faults.TryTake(out DmaFault fault));
        Assert.Equal((expected, isWrite), (fault.Reason, fault.IsWrite));
    }

    [Fact]
    public void P131_Reasons_are_those_of_the_specification() =>
        Assert.Equal([2, 4, 5, 6], [
            (int)DmaFaultReason.NotPresent, (int)DmaFaultReason.BeyondAddressWidth, (int)DmaFaultReason.NoWrite, (int)DmaFaultReason.NoRead,
        ]);

    [Fact]
    public void P132_After_an_unmap_nothing_is_reached_any_more()
    {
        using var memory = new NativeHostMemory(4096);
        var rounds = new RoundQuiescence();
        var domain = new DmaDomain(rounds, _faults) { BusMasterEnable = true };
        using var stop = new CancellationTokenSource();
        byte value = 0;
        var poller = new Thread(() =>
        {
            var bytes = new byte[64];
            while (!stop.IsCancellationRequested)
            {
                rounds.Begin();
                bytes.AsSpan().Fill(++value);
                domain.TryWrite(Iova, bytes);
                rounds.End();
            }
        });
        poller.Start();
        try
        {
            for (int i = 0; i < 2000; i++)
            {
                Assert.Equal(DmaMapStatus.Ok, domain.Map(Iova, 4096, DmaAccess.Write, memory, 0));
                Thread.Yield();
                Assert.Equal(DmaMapStatus.Ok, domain.Unmap(Iova, 4096, out _));
                memory.Bytes[..64].Fill(0);
                Thread.SpinWait(50);
                Assert.Equal(new byte[64], memory.Bytes[..64].ToArray());
            }
        }
        finally
        {
            stop.Cancel();
            poller.Join();
        }
    }

    [Fact]
    public void P133_Without_bus_mastering_nothing_happens_and_nothing_is_recorded()
    {
        using var memory = new NativeHostMemory(4096);
        DmaDomain domain = Domain(Requester);
        domain.Map(Iova, 4096, DmaAccess.Read | DmaAccess.Write, memory, 0);
        domain.BusMasterEnable = false;

        Assert.False(domain.TryRead(Iova, new byte[1]));
        Assert.False(domain.TryWrite(Iova, [1]));
        Assert.False(domain.TryWrite(0, [1]));
        Assert.Equal(0, memory.Bytes[0]);
        Assert.Equal(0, _faults.Total);
    }

    [Fact]
    public void P134_Access_over_the_end_of_the_map_is_refused_whole()
    {
        using var memory = new NativeHostMemory(8192);
        DmaDomain domain = Domain(Requester);
        domain.Map(Iova, 4096, DmaAccess.Read | DmaAccess.Write, memory, 0);

        Assert.False(domain.TryWrite(Iova + 4094, [1, 2, 3]));
        Assert.Equal([0, 0, 0], memory.Bytes.Slice(4094, 3).ToArray());
        Assert.True(_faults.TryTake(out DmaFault fault));
        Assert.Equal(Iova + 4096, fault.Address);
    }

    [Fact]
    public void Access_over_two_mappings_is_one()
    {
        using var memory = new NativeHostMemory(8192);
        DmaDomain domain = Domain(Requester);
        domain.Map(Iova, 4096, DmaAccess.Read | DmaAccess.Write, memory, 4096);
        domain.Map(Iova + 4096, 4096, DmaAccess.Read | DmaAccess.Write, memory, 0);

        Assert.True(domain.TryWrite(Iova + 4095, [7, 8]));
        Assert.Equal((7, 8), (memory.Bytes[8191], memory.Bytes[0]));
        var read = new byte[2];
        Assert.True(domain.TryRead(Iova + 4095, read));
        Assert.Equal([7, 8], read);
    }

    [Fact]
    public void P135_Clearing_one_domain_leaves_the_others()
    {
        using var memory = new NativeHostMemory(4096);
        DmaDomain leaving = Domain(Requester);
        DmaDomain staying = Domain(new RequesterId(0x0106));
        leaving.Map(Iova, 4096, DmaAccess.Read, memory, 0);
        staying.Map(Iova, 4096, DmaAccess.Read, memory, 0);

        leaving.Clear();
        Assert.Equal((0, 1), (leaving.Count, staying.Count));
        Assert.True(staying.TryRead(Iova, new byte[1]));
        Assert.False(leaving.TryRead(Iova, new byte[1]));
    }

    [Fact]
    public void P136_Access_that_wraps_is_refused()
    {
        using var memory = new NativeHostMemory(4096);
        DmaDomain domain = Domain(Requester);
        Assert.Equal(DmaMapStatus.Ok, domain.Map(ulong.MaxValue - 4095, 4096, DmaAccess.Read, memory, 0));
        Assert.True(domain.TryRead(ulong.MaxValue, new byte[1]));
        Assert.False(domain.TryRead(ulong.MaxValue, new byte[2]));
        Assert.True(_faults.TryTake(out DmaFault fault));
        Assert.Equal(DmaFaultReason.BeyondAddressWidth, fault.Reason);
    }

    [Theory]
    [InlineData(Iova, 0UL, 0UL)]
    [InlineData(ulong.MaxValue - 1, 4UL, 0UL)]
    [InlineData(Iova, 4097UL, 0UL)]
    [InlineData(Iova, 4096UL, 1UL)]
    [InlineData(Iova, 1UL, ulong.MaxValue)]
    public void P136_Maps_that_wrap_or_reach_past_their_memory_are_refused(ulong iova, ulong size, ulong offset)
    {
        using var memory = new NativeHostMemory(4096);
        Assert.Equal(DmaMapStatus.BadRange, Domain(Requester).Map(iova, size, DmaAccess.Read, memory, offset));
    }

    [Fact]
    public void Maps_that_overlap_or_would_be_cut_are_refused()
    {
        using var memory = new NativeHostMemory(16384);
        DmaDomain domain = Domain(Requester);
        Assert.Equal(DmaMapStatus.Ok, domain.Map(Iova + 4096, 8192, DmaAccess.Read, memory, 0));
        Assert.Equal(DmaMapStatus.Overlap, domain.Map(Iova, 4097, DmaAccess.Read, memory, 0));
        Assert.Equal(DmaMapStatus.Overlap, domain.Map(Iova + 12287, 1, DmaAccess.Read, memory, 0));
        Assert.Equal(DmaMapStatus.Ok, domain.Map(Iova, 4096, DmaAccess.Read, memory, 0));
        Assert.Equal(DmaMapStatus.NotMapped, domain.Unmap(Iova, 8192, out _));
        Assert.Equal(DmaMapStatus.NotMapped, domain.Unmap(Iova + 65536, 4096, out _));
        Assert.Equal(DmaMapStatus.Ok, domain.Unmap(Iova, 12288, out int removed));
        Assert.Equal(2, removed);
    }

    private DmaDomain Domain(RequesterId requester) =>
        new(new NoPollers(), _faults) { BusMasterEnable = true, Requester = requester };
}
