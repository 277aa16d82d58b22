using SoftIov.Memory;
using SoftIov.Pcie;
using Xunit;

namespace SoftIov.Tests.Pcie.Injection;

/// <summary>Faults that messages, DMA, VF Enable and the link meet.</summary>
public class TrafficFaultTests
{
    private const int LinkStatus = 0x12;
    private const ushort DataLinkActive = 1 << 13;

    [Fact]
    public void Messages_are_lost_then_sent_twice_then_once()
    {
        using Fabric fabric = new();
        RegisterPersonality vf = Open(fabric, out NativeHostMemory memory);
        using NativeHostMemory owned = memory;
        var injector = new FaultInjector(fabric.Device, fabric.Complex);
        injector.LoseMessages(0, 2);
        injector.RepeatMessages(0, 1);
        vf.Function.Fire(0);
        vf.Function.Fire(0);
        Assert.Empty(fabric.Signal.Messages);
        Assert.Equal(0u, fabric.Read32(Fabric.InVf(0, RegisterPersonality.PendingOffset))); // lost, not pending
        vf.Function.Fire(0);
        Assert.Equal(2, fabric.Signal.Messages.Count);
        vf.Function.Fire(0);
        Assert.Equal(3, fabric.Signal.Messages.Count);
        Assert.Empty(injector.InForce(0));
    }

    [Fact]
    public void A_message_that_is_masked_is_not_the_one_that_is_lost()
    {
        using Fabric fabric = new();
        RegisterPersonality vf = Open(fabric, out NativeHostMemory memory);
        using NativeHostMemory owned = memory;
        fabric.Write32(Fabric.InVf(0, RegisterPersonality.TableOffset + 12), 1);
        var injector = new FaultInjector(fabric.Device, fabric.Complex);
        injector.LoseMessages(0, 1);
        vf.Function.Fire(0);
        Assert.Single(injector.InForce(0));
        fabric.Write32(Fabric.InVf(0, RegisterPersonality.TableOffset + 12), 0); // it was pending, goes out, and is lost
        Assert.Empty(fabric.Signal.Messages);
        Assert.Empty(injector.InForce(0));
    }

    [Fact]
    public void The_client_of_the_assigned_view_misses_a_signal_or_gets_it_twice()
    {
        using Fabric fabric = new();
        fabric.Enable(1);
        RegisterPersonality vf = Open(fabric, out NativeHostMemory memory);
        using NativeHostMemory owned = memory;
        var sink = new TakingSink { Takes = { 0 } };
        fabric.Device.Vf(0, 0)!.Endpoint.Interrupts = sink;
        var injector = new FaultInjector(fabric.Device, fabric.Complex);
        injector.LoseMessages(0, 1);
        injector.RepeatMessages(0, 1);
        vf.Function.Fire(0);
        Assert.Empty(sink.Got);
        vf.Function.Fire(0);
        Assert.Equal([0, 0], sink.Got);
    }

    [Fact]
    public void Dma_is_refused_with_a_record_as_often_as_was_said()
    {
        using Fabric fabric = new();
        RegisterPersonality vf = Open(fabric, out NativeHostMemory memory);
        using NativeHostMemory owned = memory;
        Assert.True(vf.TryDma(0x1000, 1));
        int generation = vf.Function.Dma.Generation;
        var injector = new FaultInjector(fabric.Device, fabric.Complex);
        injector.RefuseDma(0, 2);
        Assert.NotEqual(generation, vf.Function.Dma.Generation); // queues that remember where buffers are ask again
        Assert.False(vf.TryDma(0x1000, 2));
        Assert.False(vf.TryDma(0x1008, 2));
        Assert.True(vf.TryDma(0x1000, 3));
        Assert.Equal(3, memory.Bytes[0]);
        Assert.Equal(2, fabric.Faults.Total);
        Assert.True(fabric.Faults.TryTake(out DmaFault fault));
        Assert.Equal(new DmaFault(fabric.VfId(0), 0x1000, IsWrite: true, DmaFaultReason.NotPresent), fault);
    }

    [Fact]
    public void A_poisoned_read_gives_nothing_and_is_reported_as_a_poisoned_tlp()
    {
        const uint PoisonedTlp = 1 << (int)UncorrectableError.PoisonedTlp;
        using Fabric fabric = new();
        RegisterPersonality vf = Open(fabric, out NativeHostMemory memory);
        using NativeHostMemory owned = memory;
        memory.Bytes[0] = 5;
        var injector = new FaultInjector(fabric.Device, fabric.Complex);
        injector.PoisonReads(0, 1);
        Assert.Equal(new FaultInForce(FaultKind.PoisonedReads, 1, TimeSpan.Zero), Assert.Single(injector.InForce(0)));
        Assert.True(vf.TryDma(0x1008, 1)); // a write has no completion
        byte[] read = new byte[1];
        Assert.False(vf.Function.Dma.TryRead(0x1000, read));
        Assert.Equal(0, read[0]);
        PciFunction function = fabric.Device.Vf(0, 0)!;
        Assert.True(SpinWait.SpinUntil(() => Volatile.Read(ref function.Sticky.UncorrectableStatus) == PoisonedTlp, TimeSpan.FromSeconds(30)));
        Assert.Equal(0, fabric.Faults.Total); // no translation failed
        Assert.True(vf.Function.Dma.TryRead(0x1000, read));
        Assert.Equal(5, read[0]);
        Assert.Empty(injector.InForce(0));
    }

    [Fact]
    public void A_read_is_poisoned_although_a_write_found_its_memory_before()
    {
        using Fabric fabric = new();
        RegisterPersonality vf = Open(fabric, out NativeHostMemory memory);
        using NativeHostMemory owned = memory;
        new FaultInjector(fabric.Device, fabric.Complex).PoisonReads(0, 1);
        var queue = new DmaTranslator(vf.Function.Dma);
        Assert.True(queue.TryBegin());
        Span<Segment> segments = [default];
        Assert.Equal(1, queue.Translate(0x1008, 8, DmaAccess.Write, segments));
        Assert.Equal(0, queue.Translate(0x1010, 8, DmaAccess.Read, segments));
        Assert.Equal(1, queue.Translate(0x1010, 8, DmaAccess.Read, segments));
    }

    [Fact]
    public void VF_Enable_that_goes_by_itself_takes_all_vfs_along_and_may_be_set_again()
    {
        using Fabric fabric = new();
        fabric.Enable(4);
        IEndpoint endpoint = fabric.Device.Vf(0, 2)!.Endpoint;
        int gone = 0;
        endpoint.Gone += () => gone++;
        new FaultInjector(fabric.Device, fabric.Complex).LoseVfEnable();
        Assert.Equal((false, 1), (endpoint.IsPresent, gone));
        Assert.Equal(0, fabric[SriovOffsets.Control] & SriovControlBits.VfEnable);
        Assert.False(fabric.Answers(fabric.VfId(0)));
        Assert.Equal(4, fabric[SriovOffsets.NumVfs]);
        fabric.Enable(4);
        Assert.True(fabric.Answers(fabric.VfId(3)));
    }

    [Fact]
    public void While_the_link_is_down_nothing_passes_and_then_the_device_is_as_after_a_reset()
    {
        using Fabric fabric = new();
        RegisterPersonality vf = Open(fabric, out NativeHostMemory memory);
        using NativeHostMemory owned = memory;
        var injector = new FaultInjector(fabric.Device, fabric.Complex);
        injector.IsLinkDown = true;
        Assert.Equal(0, fabric.Port.Read16(fabric.PortExpress + LinkStatus) & DataLinkActive);
        Assert.False(fabric.Answers(fabric.Pf().Id));
        Assert.False(fabric.Write32(Fabric.PfBar0, 1));
        Assert.False(vf.TryDma(0x1000, 2));
        Assert.Equal(ErrorOutcome.Logged, injector.Report(null, UncorrectableError.CompletionTimeout));
        injector.IsLinkDown = true;
        Assert.Equal(1, fabric.Physicals[0].Resets);
        injector.IsLinkDown = false;
        Assert.NotEqual(0, fabric.Port.Read16(fabric.PortExpress + LinkStatus) & DataLinkActive);
        Assert.True(fabric.Answers(fabric.Pf().Id));
        Assert.Equal(0, fabric.Pf().Read16(4));
        Assert.Equal(0, fabric[SriovOffsets.Control] & SriovControlBits.VfEnable);
    }

    [Fact]
    public async Task Who_gets_the_adapter_next_finds_no_fault_of_the_last()
    {
        using var adapter = new SriovAdapter(new SriovAdapterOptions
        {
            Name = "net0",
            Physical = new RegisterPersonality(RegisterPersonality.Describe(0x0010)),
            Virtuals = new RegisterFactory(),
            TotalVfs = 4,
            State = new NativeStateStore(),
            Quiescence = new NoPollers(),
            Time = new VirtualClock { Jumps = true },
        });
        await adapter.StartAsync();
        adapter.GiveAway();
        adapter.Injector.IsLinkDown = true;
        adapter.Injector.ReadAllOnes(null, Countdown.Forever);
        adapter.Injector.LoseMessages(3, 1);
        await adapter.TakeBackAsync();
        Assert.False(adapter.Injector.IsLinkDown);
        Assert.Empty(adapter.Injector.InForce(null));
        Assert.Empty(adapter.Injector.InForce(3));
    }

    private static RegisterPersonality Open(Fabric fabric, out NativeHostMemory memory)
    {
        fabric.Enable(1);
        memory = new NativeHostMemory(0x1000);
        fabric.Device.Vf(0, 0)!.Dma.Map(0x1000, 0x1000, DmaAccess.Read | DmaAccess.Write, memory, 0);
        Fabric.BusMaster(fabric.Vf(0));
        fabric.Write32(Fabric.InVf(0, RegisterPersonality.TableOffset), 0xFEE0_0000);
        fabric.Write32(Fabric.InVf(0, RegisterPersonality.TableOffset + 12), 0);
        fabric.Vf(0).Write16(fabric.Vf(0).FindCapability(0x11) + 2, MsixCapability.Enable);
        return fabric.Factories[0].Made[0];
    }
}
