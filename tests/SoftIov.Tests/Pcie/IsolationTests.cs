using SoftIov.Memory;
using SoftIov.Pcie;
using Xunit;

namespace SoftIov.Tests.Pcie;

/// <summary>What of the isolation between functions is decided on the bus.</summary>
public class IsolationTests
{
    [Fact]
    public void P133_Without_bus_master_there_is_no_dma_and_no_fault_record()
    {
        using Fabric fabric = new();
        fabric.Enable(1);
        using NativeHostMemory memory = new(0x1000);
        PciFunction vf = fabric.Device.Vf(0, 0)!;
        vf.Dma.Map(0, 0x1000, DmaAccess.Read | DmaAccess.Write, memory, 0);
        RegisterPersonality personality = fabric.Factories[0].Made[0];
        Assert.False(personality.TryDma(0, 1));
        Fabric.BusMaster(fabric.Vf(0));
        Assert.True(personality.TryDma(0, 1));
        Fabric.BusMaster(fabric.Vf(0), on: false);
        Assert.False(personality.TryDma(0, 2));
        Assert.False(personality.TryDma(0x5000, 2));
        Assert.Equal(0, fabric.Faults.Total);
        Assert.Equal(1, memory.Bytes[0]);
        Fabric.BusMaster(fabric.Vf(0));
        Assert.False(personality.TryDma(0x5000, 2));
        Assert.True(fabric.Faults.TryTake(out DmaFault fault));
        Assert.Equal(fabric.VfId(0), fault.Requester);
    }

    /// <summary>
    /// A message cannot be made outside SoftIov.Pcie, whose MSI-X tables name their own function; what arrives with a routing id that
    /// is not behind its port, or not the entry's, is refused with reason 26h.
    /// </summary>
    [Fact]
    public void P137_A_message_with_a_foreign_routing_id_is_refused()
    {
        Assert.Empty(typeof(InterruptMessage).GetConstructors());
        using Fabric fabric = new();
        InterruptRemapping remapping = new(fabric.Faults);
        fabric.Complex.Interrupts = remapping;
        int delivered = 0;
        (ulong address, uint data) = remapping.Route(new(0x0101), () => delivered++);
        IMessageSignal device = fabric.Device;
        device.Send(new InterruptMessage(new(0x0101), address, data));
        Assert.Equal(1, delivered);
        device.Send(new InterruptMessage(new(0x0102), address, data));
        device.Send(new InterruptMessage(new(0x0001), address, data));
        Assert.Equal(1, delivered);
        foreach (ushort id in (ushort[])[0x0102, 0x0001])
        {
            Assert.True(fabric.Faults.TryTake(out DmaFault fault));
            Assert.Equal((id, DmaFaultReason.InterruptSourceMismatch), (fault.Requester.Value, fault.Reason));
        }

        device.Send(new InterruptMessage(new(0x0101), address, data + 1));
        Assert.Equal(1, remapping.Unrouted);
    }
}
