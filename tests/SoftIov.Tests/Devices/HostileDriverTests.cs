using System.Runtime.InteropServices;
using SoftIov.Datapath;
using SoftIov.Devices.Virtio;
using SoftIov.Devices.Virtio.Spec;
using SoftIov.Lab.Pci;
using SoftIov.Lab.Virtio;
using SoftIov.Memory;
using SoftIov.Tests.Datapath;
using Xunit;

namespace SoftIov.Tests.Devices;

/// <summary>What a driver does wrong in a ring stops its own function, and nobody else's frames.</summary>
public sealed class HostileDriverTests : IDisposable
{
    private const ushort Next = DriverDescriptor.Next;
    private const ushort Write = DriverDescriptor.Write;
    private const ushort Indirect = DriverDescriptor.Indirect;
    private const int RingSize = 16;

    private readonly VirtualSwitch _switch = new(TimeProvider.System);
    private readonly NetEndpoint _hostile;
    private readonly DriverMemory _memory = DriverMemory.CreatePrivate(1 << 20);
    private readonly Guest _sender;
    private readonly Guest _receiver;
    private readonly ulong _buffer;

    public HostileDriverTests()
    {
        _hostile = new NetEndpoint(vswitch: _switch, function: 1);
        _hostile.MapMemory(_memory);
        var options = new NetDriverOptions { Features = RingKind.Basic, RingSize = 64 };
        _sender = new Guest(_switch, 2, options);
        _receiver = new Guest(_switch, 3, options);
        _buffer = _memory.Allocate(8192);
    }

    public static TheoryData<Attack, bool, int> Attacks()
    {
        var data = new TheoryData<Attack, bool, int>();
        foreach (Attack attack in Enum.GetValues<Attack>())
        {
            for (int queue = 0; queue < 3; queue++)
            {
                data.Add(attack, false, queue);
                if (attack is not (Attack.NextOutOfTable or Attack.HeadOutOfTable or Attack.IndexJump))
                    data.Add(attack, true, queue);
            }
        }

        return data;
    }

    [Theory]
    [MemberData(nameof(Attacks))]
    public void V032_V033_V038_A_bad_ring_needs_a_reset_and_hurts_only_its_owner(Attack attack, bool packed, int queue)
    {
        var faults = new List<VirtioFault>();
        _hostile.Function.Faulted += faults.Add;
        _hostile.Negotiate(VirtioFeatures.CtrlVq | VirtioFeatures.IndirectDesc | (packed ? VirtioFeatures.RingPacked : 0));
        RingFeatures features = RingFeatures.IndirectDescriptors | (packed ? RingFeatures.Packed : 0);
        DriverVirtqueue ring = DriverVirtqueue.Create(_memory, RingSize, features);
        Mount(ring, attack, packed, queue == 0 ? Write : (ushort)0);
        _hostile.SetQueue(queue, TransferTests.LayoutOf(ring));
        _hostile.Write(CommonConfig.ConfigMsixVector, 2, 0);
        _hostile.Status = 15;
        _hostile.Settle();
        _sender.Send(TestFrame.Plain(TestFrame.Mac(1), _sender.Mac));
        Assert.Equal(64, _hostile.Status & 64);
        Assert.Contains(0, _hostile.Messages);
        Assert.Equal((queue, VirtioFaultReason.RingError), Assert.Single(faults.Select(fault => (fault.Queue, fault.Reason))));
        AssertNeighboursTalk();
        Assert.True(_hostile.TryNegotiate(VirtioFeatures.Version1), "a reset helps");
    }

    [Theory]
    [InlineData(1)]
    [InlineData(11)]
    [InlineData(12)]
    [InlineData(25)]
    public void A_transmit_chain_without_a_whole_header_or_frame_is_counted_and_given_back(int length)
    {
        _hostile.Negotiate(VirtioFeatures.None);
        DriverVirtqueue ring = DriverVirtqueue.Create(_memory, RingSize, RingFeatures.None);
        ring.Add([new DriverBuffer(_buffer, (uint)length)], isWritable: false);
        ring.TryAddChain([], [new DriverBuffer(_buffer, 100)], 1);
        ring.Publish();
        _hostile.SetQueue(1, TransferTests.LayoutOf(ring));
        _hostile.Status = 15;
        _hostile.Settle();
        Span<UsedBuffer> used = stackalloc UsedBuffer[4];
        Assert.Equal(2, ring.Collect(used));
        Assert.Equal(2, _hostile.Function.Counters.TransmitMalformed);
        Assert.Equal(15, _hostile.Status);
    }

    [Fact]
    public void A_fault_is_reported_once_a_second_however_often_it_happens()
    {
        int reports = 0;
        _hostile.Function.Faulted += _ => reports++;
        for (int i = 0; i < 100; i++)
        {
            _hostile.Negotiate(VirtioFeatures.None);
            _hostile.Write(CommonConfig.QueueSize, 2, 3);
            Assert.Equal(64, _hostile.Status & 64);
        }

        Assert.Equal(100, _hostile.Function.Counters.Transport.Faults);
        Assert.InRange(reports, 1, 99);
    }

    [Fact]
    public void Buffers_that_were_unmapped_are_not_written()
    {
        _hostile.Negotiate(VirtioFeatures.None);
        using var other = new NativeHostMemory(4096);
        _hostile.Dma.Map(0x5000, 4096, DmaAccess.Read | DmaAccess.Write, other, 0);
        DriverVirtqueue ring = DriverVirtqueue.Create(_memory, RingSize, RingFeatures.None);
        ring.Add([new DriverBuffer(0x5000, 2048)], isWritable: true);
        ring.Publish();
        _hostile.SetQueue(0, TransferTests.LayoutOf(ring));
        _hostile.Status = 15;
        Assert.Equal(DmaMapStatus.Ok, _hostile.Dma.Unmap(0x5000, 4096, out _));
        _sender.Send(TestFrame.Plain(TestFrame.Mac(1), _sender.Mac));
        Assert.Equal(-1, other.Bytes.IndexOfAnyExcept((byte)0));
        Assert.Equal(64, _hostile.Status & 64);
        Assert.True(_hostile.Dma.Faults.TryTake(out DmaFault fault));
        Assert.Equal((0x5000ul, true), (fault.Address, fault.IsWrite));
        AssertNeighboursTalk();
    }

    public void Dispose()
    {
        _hostile.Dispose();
        _sender.Dispose();
        _receiver.Dispose();
        _memory.Dispose();
    }

    private void AssertNeighboursTalk()
    {
        byte[] frame = TestFrame.Plain(_receiver.Mac, _sender.Mac, 300);
        _sender.Send(frame);
        Assert.Equal(frame, _receiver.Receive(out _));
        Assert.True(_sender.IsHealthy && _receiver.IsHealthy);
    }

    /// <summary>Writes a ring with one chain that is wrong; <paramref name="kind"/> is the WRITE flag where the queue's buffers have it.</summary>
    private void Mount(DriverVirtqueue ring, Attack attack, bool packed, ushort kind)
    {
        ulong table = _memory.Allocate(RingSize * 64);
        Span<DriverDescriptor> inner = MemoryMarshal.Cast<byte, DriverDescriptor>(_memory.Span(table, RingSize * 32));
        Span<DriverDescriptor> outer = ring.Descriptors;
        var good = new Part(_buffer, 2048, kind);
        switch (attack)
        {
            case Attack.Loop:
                for (int i = 0; i < RingSize; i++)
                    Put(outer, i, packed, good with { Flags = (ushort)(kind | Next), Next = (ushort)((i + 1) % RingSize) });
                break;
            case Attack.NextOutOfTable:
                Put(outer, 0, packed, good with { Flags = (ushort)(kind | Next), Next = RingSize });
                break;
            case Attack.IndirectInIndirect:
                Put(outer, 0, packed, new Part(table, 32, Indirect));
                Put(inner, 0, packed: false, new Part(table, 32, Indirect));
                if (packed)
                    Put(outer, 0, packed, new Part(table, 32, (ushort)(Indirect | Next)));
                break;
            case Attack.IndirectOfOddLength:
                Put(outer, 0, packed, new Part(table, 20, Indirect));
                break;
            case Attack.IndirectWithNext:
                Put(outer, 0, packed, new Part(table, 16, (ushort)(Indirect | Next), 1));
                Put(outer, 1, packed, good);
                break;
            case Attack.IndirectTooLong:
                Put(outer, 0, packed, new Part(table, (RingSize + 1) * 16, Indirect));
                break;
            case Attack.IndirectNowhere:
                Put(outer, 0, packed, new Part(0x10, 32, Indirect));
                break;
            case Attack.ZeroLength:
                Put(outer, 0, packed, good with { Length = 0 });
                break;
            case Attack.AddressWraps:
                Put(outer, 0, packed, good with { Address = ulong.MaxValue - 10 });
                break;
            case Attack.WildAddress:
                Put(outer, 0, packed, good with { Address = 0xDEAD_BEEF_0000 });
                break;
            case Attack.BeyondTheMap:
                Put(outer, 0, packed, good with { Address = _memory.Iova + (ulong)_memory.Length - 100 });
                break;
            case Attack.ReadableAfterWritable:
                Put(outer, 0, packed, good with { Flags = Write | Next, Next = 1 });
                Put(outer, 1, packed, good with { Flags = 0 });
                break;
            case Attack.HeadOutOfTable:
                ((SplitDriverVirtqueue)ring).AvailableRing[0] = 0xFFFF;
                break;
        }

        if (!packed)
            ((SplitDriverVirtqueue)ring).AvailableIndex = (ushort)(attack == Attack.IndexJump ? RingSize + 1 : 1);
    }

    private static void Put(Span<DriverDescriptor> table, int index, bool packed, Part part) =>
        table[index] = packed
            ? new DriverDescriptor(part.Address, part.Length, 7, (ushort)(part.Flags | DriverDescriptor.Available))
            : new DriverDescriptor(part.Address, part.Length, part.Flags, part.Next);

    /// <summary>Things wrong with a ring.</summary>
    public enum Attack
    {
        Loop,
        NextOutOfTable,
        HeadOutOfTable,
        IndexJump,
        IndirectInIndirect,
        IndirectOfOddLength,
        IndirectWithNext,
        IndirectTooLong,
        IndirectNowhere,
        ZeroLength,
        AddressWraps,
        WildAddress,
        BeyondTheMap,
        ReadableAfterWritable,
    }

    private readonly record struct Part(ulong Address, uint Length, ushort Flags, ushort Next = 0);
}
