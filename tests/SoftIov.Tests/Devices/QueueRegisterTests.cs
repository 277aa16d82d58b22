using SoftIov.Devices.Virtio;
using SoftIov.Devices.Virtio.Net;
using SoftIov.Devices.Virtio.Spec;
using SoftIov.Memory;
using Xunit;

namespace SoftIov.Tests.Devices;

/// <summary>Queue registers and the life of a function, seen through registers alone.</summary>
public sealed class QueueRegisterTests : IDisposable
{
    private const ulong Ring = 0x10_0000;
    private const byte NeedsReset = 64;

    private readonly NativeHostMemory _memory = new(1 << 20);
    private readonly NetEndpoint _net = new(new NetFunctionSettings { Name = "net0/0", QueuePairs = 2, QueueSize = 256 });

    public QueueRegisterTests() =>
        Assert.Equal(DmaMapStatus.Ok, _net.Dma.Map(Ring, 1 << 20, DmaAccess.Read | DmaAccess.Write, _memory, 0));

    [Fact]
    public void V008_Status_0_restores_every_reset_value()
    {
        _net.Negotiate(VirtioFeatures.Mq | VirtioFeatures.CtrlVq);
        _net.Write(CommonConfig.ConfigMsixVector, 2, 0);
        _net.SetQueue(3, Layout(64), vector: 1);
        _net.Status = 15;
        _net.Write(CommonConfig.QueueSelect, 2, 3);
        _net.Status = 0;
        Assert.Equal(0, _net.Status);
        Assert.Equal(0u, _net.Read(CommonConfig.QueueSelect, 2));
        Assert.Equal(0xFFFFu, _net.Read(CommonConfig.ConfigMsixVector, 2));
        Assert.Equal(0u, _net.Read(CommonConfig.DriverFeature, 4));
        Assert.Equal(256u, _net.ReadQueue(3, CommonConfig.QueueSize));
        Assert.Equal(0xFFFFu, _net.ReadQueue(3, CommonConfig.QueueMsixVector));
        Assert.Equal(0u, _net.ReadQueue(3, CommonConfig.QueueEnable));
        Assert.Equal(0u, _net.ReadQueue(3, CommonConfig.QueueDesc, 8));
        Assert.Equal(0u, _net.ReadQueue(3, CommonConfig.QueueDriver, 8));
        Assert.Equal(0u, _net.ReadQueue(3, CommonConfig.QueueDevice, 8));
    }

    [Theory]
    [InlineData(0)]
    [InlineData(48)]
    [InlineData(512)]
    [InlineData(0xFFFF)]
    public void V009_A_queue_size_that_cannot_be_is_rejected(int size)
    {
        _net.Negotiate(VirtioFeatures.None);
        _net.SetQueue(0, Layout((ushort)size));
        Assert.Equal(256u, _net.ReadQueue(0, CommonConfig.QueueSize));
        Assert.Equal(0u, _net.ReadQueue(0, CommonConfig.QueueEnable));
        Assert.Equal(NeedsReset, _net.Status & NeedsReset);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(3)]
    [InlineData(200)]
    public void V009_A_packed_ring_may_have_any_size(int size)
    {
        _net.Negotiate(VirtioFeatures.RingPacked);
        _net.SetQueue(0, Layout((ushort)size));
        Assert.Equal((ulong)size, _net.ReadQueue(0, CommonConfig.QueueSize));
        Assert.Equal(1u, _net.ReadQueue(0, CommonConfig.QueueEnable));
        Assert.Equal(0, _net.Status & NeedsReset);
    }

    [Theory]
    [InlineData(5)]
    [InlineData(33)]
    [InlineData(0xFFFF)]
    public void V010_A_queue_that_is_not_there_reads_zero_and_takes_nothing(int queue)
    {
        _net.Negotiate(VirtioFeatures.None);
        _net.SetQueue(queue, Layout(64), vector: 1);
        Assert.Equal((ulong)queue, _net.Read(CommonConfig.QueueSelect, 2));
        foreach (uint field in new uint[] { CommonConfig.QueueSize, CommonConfig.QueueMsixVector, CommonConfig.QueueEnable, CommonConfig.QueueDesc })
            Assert.Equal(0u, _net.Read(field, 2));
        _net.Status = 15;
        Assert.Equal(15, _net.Status);
    }

    [Theory]
    [InlineData(8, 0, 0, false)]
    [InlineData(0, 1, 0, false)]
    [InlineData(0, 0, 2, false)]
    [InlineData(8, 0, 0, true)]
    [InlineData(0, 2, 0, true)]
    [InlineData(0, 0, 2, true)]
    public void V011_A_misaligned_ring_needs_a_reset(int descriptors, int driver, int device, bool packed)
    {
        _net.Negotiate(packed ? VirtioFeatures.RingPacked : VirtioFeatures.None);
        _net.SetQueue(1, new VirtqueueLayout(64, Ring + (ulong)descriptors, Ring + 0x4000 + (ulong)driver, Ring + 0x8000 + (ulong)device));
        Assert.Equal(NeedsReset, _net.Status & NeedsReset);
        Assert.Equal(0u, _net.ReadQueue(1, CommonConfig.QueueEnable));
        _net.Status = 15;
        Assert.False(_net.Function.Status.IsLive);
        Assert.True(_net.TryNegotiate(VirtioFeatures.Version1), "a reset ends it");
    }

    [Fact]
    public void V011_A_ring_that_is_not_mapped_needs_a_reset_at_driver_ok()
    {
        _net.Negotiate(VirtioFeatures.None);
        _net.SetQueue(0, new VirtqueueLayout(64, Ring + (1 << 20), Ring, Ring));
        Assert.Equal(0, _net.Status & NeedsReset);
        _net.Write(CommonConfig.ConfigMsixVector, 2, 2);
        _net.Status = 15;
        Assert.Equal(NeedsReset, _net.Status & NeedsReset);
        Assert.Equal([2], _net.Messages);
    }

    [Fact]
    public void An_enabled_queue_stands_until_it_is_reset()
    {
        _net.Negotiate(VirtioFeatures.None);
        _net.SetQueue(0, Layout(64));
        _net.SetQueue(0, Layout(128) with { DescriptorArea = 0 });
        Assert.Equal(64u, _net.ReadQueue(0, CommonConfig.QueueSize));
        Assert.Equal(Ring, _net.ReadQueue(0, CommonConfig.QueueDesc, 8));
        _net.Write(CommonConfig.QueueEnable, 2, 0);
        Assert.Equal(1u, _net.Read(CommonConfig.QueueEnable, 2));
        Assert.Equal(0, _net.Status & NeedsReset);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void V017_Queue_reset_disables_the_queue_and_keeps_its_addresses(bool live)
    {
        _net.Negotiate(VirtioFeatures.RingReset);
        _net.SetQueue(0, Layout(64));
        _net.SetQueue(1, Layout(64, 0x10000));
        _net.Status = (byte)(live ? 15 : 11);
        _net.Write(CommonConfig.QueueSelect, 2, 0);
        _net.Write(CommonConfig.QueueReset, 2, 1);
        Assert.Equal(0u, _net.Read(CommonConfig.QueueReset, 2));
        Assert.Equal(0u, _net.Read(CommonConfig.QueueEnable, 2));
        Assert.Equal(Ring, _net.Read(CommonConfig.QueueDesc, 8));
        Assert.Equal(1u, _net.ReadQueue(1, CommonConfig.QueueEnable));
        _net.SetQueue(0, Layout(128, 0x20000));
        Assert.Equal(1u, _net.ReadQueue(0, CommonConfig.QueueEnable));
        Assert.Equal(128u, _net.Read(CommonConfig.QueueSize, 2));
        Assert.Equal(0, _net.Status & NeedsReset);
    }

    [Fact]
    public void V017_Queue_reset_without_its_feature_does_nothing()
    {
        _net.Negotiate(VirtioFeatures.None);
        _net.SetQueue(0, Layout(64));
        _net.Write(CommonConfig.QueueReset, 2, 1);
        Assert.Equal(1u, _net.Read(CommonConfig.QueueEnable, 2));
    }

    [Fact]
    public void V015_A_kick_of_a_queue_that_does_not_run_is_ignored()
    {
        _net.Negotiate(VirtioFeatures.None);
        _net.SetQueue(1, Layout(64));
        _net.Notify(1);
        Assert.Equal(0, _net.Function.Counters.Transport.Kicks);
        _net.Status = 15;
        foreach (int queue in new[] { 0, 2, 5, 34, 0xFFFF })
            _net.Write(VirtioBar.Notify, 2, (ulong)queue);
        _net.Write(VirtioBar.Notify, 1, 1);
        Assert.Equal(0, _net.Function.Counters.Transport.Kicks);
        _net.Notify(1);
        _net.Write(VirtioBar.Notify, 4, 0xFFFF_0001);
        Assert.Equal(2, _net.Function.Counters.Transport.Kicks);
    }

    [Fact]
    public void Queues_beyond_those_of_the_negotiated_features_do_nothing()
    {
        _net.Negotiate(VirtioFeatures.CtrlVq);
        _net.Status = 15;
        for (int queue = 0; queue < 5; queue++)
        {
            _net.SetQueue(queue, Layout(64, 0x10000u * (uint)queue));
            _net.Notify(queue);
            Assert.Equal(1u, _net.ReadQueue(queue, CommonConfig.QueueEnable));
        }

        Assert.Equal(15, _net.Status);
        Assert.Equal(0, _net.Poll());
    }

    [Fact]
    public void V018_Needs_reset_stops_the_queues_and_tells_by_the_configuration_vector()
    {
        var faults = new List<VirtioFault>();
        _net.Function.Faulted += faults.Add;
        _net.Negotiate(VirtioFeatures.None);
        _net.Write(CommonConfig.ConfigMsixVector, 2, 3);
        _net.SetQueue(1, Layout(64));
        _net.Status = 15;
        _net.SetQueue(0, Layout(3));
        Assert.Equal(15 | NeedsReset, _net.Status);
        Assert.Equal([3], _net.Messages);
        Assert.Equal([new VirtioFault("net0/0", 0, VirtioFaultReason.BadQueueSize, VirtqueueFault.None)], faults);
        Assert.False(_net.Function.Status.IsLive);
        _net.SetQueue(0, Layout(3));
        Assert.Equal([3], _net.Messages);
        Assert.True(_net.TryNegotiate(VirtioFeatures.Version1));
        Assert.Equal(11, _net.Status);
    }

    [Fact]
    public void A_driver_that_failed_gets_no_more_of_its_memory_touched()
    {
        _net.Negotiate(VirtioFeatures.None);
        _net.SetQueue(1, Layout(64));
        _net.Status = 15;
        Assert.True(_net.Function.Status.IsLive);
        _net.Status = 0x8F;
        Assert.False(_net.Function.Status.IsLive);
    }

    [Fact]
    public void V022_A_function_level_reset_is_a_reset_of_the_device_too()
    {
        _net.Negotiate(VirtioFeatures.None);
        _net.SetQueue(0, Layout(64));
        _net.Status = 15;
        _net.Endpoint.Reset();
        Assert.Equal(0, _net.Status);
        Assert.Equal(0u, _net.ReadQueue(0, CommonConfig.QueueEnable));
        Assert.Equal(0u, _net.ReadConfig(0x04, 2) & 4);
        Assert.Equal(2, _net.Function.Counters.Transport.Resets);
    }

    public void Dispose()
    {
        _net.Dispose();
        _memory.Dispose();
    }

    private static VirtqueueLayout Layout(ushort size, uint offset = 0) =>
        new(size, Ring + offset, Ring + offset + 0x4000, Ring + offset + 0x8000);
}
