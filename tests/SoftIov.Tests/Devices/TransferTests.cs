using SoftIov.Datapath;
using SoftIov.Devices.Virtio.Net;
using SoftIov.Devices.Virtio.Spec;
using SoftIov.Lab.Pci;
using SoftIov.Lab.Virtio;
using SoftIov.Memory;
using SoftIov.Tests.Datapath;
using Xunit;

namespace SoftIov.Tests.Devices;

/// <summary>Frames through transmit and receive queues, two functions on a switch, polled by hand.</summary>
public partial class TransferTests
{
    private readonly VirtualSwitch _switch = new(TimeProvider.System);

    [Theory]
    [MemberData(nameof(RingKind.All), MemberType = typeof(RingKind))]
    public void Frames_pass_in_order_and_buffers_come_back(ulong rings)
    {
        foreach (TransmitLayout layout in Enum.GetValues<TransmitLayout>())
        {
            if (layout == TransmitLayout.Indirect && (rings & (ulong)VirtioFeature.IndirectDesc) == 0)
                continue;

            using Guest a = Make(1, RingKind.Basic | (VirtioFeature)rings, layout);
            using Guest b = Make(2, RingKind.Basic | (VirtioFeature)rings, layout);
            for (int i = 0; i < 200; i++)
            {
                byte[] frame = TestFrame.Plain(b.Mac, a.Mac, 60 + (i % 1400));
                a.Send(frame);
                Assert.Equal(frame, b.Receive(out FrameHeader header));
                Assert.Equal(1, header.BufferCount);
                Assert.Equal(0, header.Flags);
            }

            Assert.Null(b.Receive(out _));
            Assert.Equal(200, b.Port.Counters.RxPackets);
            Assert.Equal(200, a.Port.Counters.TxPackets);
            Assert.Equal(0, b.Counters.ReceiveNoBuffer);
            _switch.RemovePort(a.Port);
            _switch.RemovePort(b.Port);
        }
    }

    [Theory]
    [MemberData(nameof(RingKind.All), MemberType = typeof(RingKind))]
    public void V016_A_kick_before_driver_ok_is_ignored_and_needs_no_repetition(ulong rings)
    {
        using Guest b = Make(2, RingKind.Basic);
        using var a = new NetEndpoint(vswitch: _switch, function: 1);
        using DriverMemory memory = DriverMemory.CreatePrivate(1 << 20);
        a.MapMemory(memory);
        a.Negotiate((VirtioFeatures)rings);
        DriverVirtqueue ring = DriverVirtqueue.Create(memory, 64, RingFeaturesOf(rings));
        AddFrame(ring, TestFrame.Plain(TestFrame.Mac(2), TestFrame.Mac(1)));
        a.SetQueue(1, LayoutOf(ring));
        a.Notify(1);
        a.Settle();
        Assert.Null(b.Receive(out _));
        a.Status = 15;
        a.Settle();
        Assert.NotNull(b.Receive(out _));
    }

    [Theory]
    [MemberData(nameof(RingKind.All), MemberType = typeof(RingKind))]
    public void V036_Used_lengths_say_what_was_written(ulong rings)
    {
        VirtioFeature features = RingKind.Basic | (VirtioFeature)rings;
        using Guest a = Make(1, features);
        using Guest b = Make(2, features);
        a.Send(TestFrame.Plain(b.Mac, a.Mac, 77));
        Span<UsedBuffer> used = stackalloc UsedBuffer[4];
        Assert.Equal(1, b.Driver.Pairs[0].Receive.Collect(used));
        Assert.Equal(12u + 77u, used[0].Length);
        Assert.Equal(1, a.Driver.Pairs[0].Transmit.Collect(used));
        Assert.Equal(0u, used[0].Length);
    }

    [Theory]
    [InlineData((ulong)RingKind.Split)]
    [InlineData((ulong)RingKind.SplitEvents)]
    [InlineData((ulong)RingKind.SplitInOrder)]
    public void V037_Descriptors_available_ring_and_readable_buffers_are_not_the_device_s_to_write(ulong rings)
    {
        VirtioFeature features = RingKind.Basic | (VirtioFeature)rings | VirtioFeature.Csum;
        using Guest a = Make(1, features);
        using Guest b = Make(2, features);
        NetDriverPair sender = a.Driver.Pairs[0];
        byte[] tcp = TestPacket.IPv4(tcp: true, payload: 301);
        FrameHeader header = HeaderOf(TestPacket.Offload(tcp));
        Assert.True(sender.TrySend(in header, tcp, flush: false));
        sender.Transmit.Publish();
        byte[] before = Snapshot(sender.Transmit);
        byte[] receiveBefore = Snapshot(b.Driver.Pairs[0].Receive);
        byte[] buffer = sender.BytesOf(sender.TransmitBuffer(0, tcp.Length)).ToArray();
        a.Device.Settle();
        Assert.NotNull(b.Receive(out _));
        Assert.Equal(before, Snapshot(sender.Transmit));
        Assert.Equal(buffer, sender.BytesOf(sender.TransmitBuffer(0, tcp.Length)).ToArray());
        Assert.Equal(receiveBefore.Length, Snapshot(b.Driver.Pairs[0].Receive).Length);
    }

    [Theory]
    [InlineData((ulong)RingKind.SplitInOrder)]
    [InlineData((ulong)RingKind.PackedInOrder)]
    public void V039_Buffers_are_used_in_the_order_they_were_made_available(ulong rings)
    {
        VirtioFeature features = RingKind.Basic | VirtioFeature.MrgRxbuf | (VirtioFeature)rings;
        using Guest a = Make(1, features);
        using Guest b = Make(2, features);
        Span<UsedBuffer> used = stackalloc UsedBuffer[64];
        int next = 0;
        for (int round = 0; round < 40; round++)
        {
            for (int i = 0; i < 5; i++)
                a.Send(i == 2 ? new byte[3] : TestFrame.Plain(b.Mac, a.Mac, 60 + i));
            int count = b.Driver.Pairs[0].Receive.Collect(used);
            Assert.Equal(4, count);
            for (int i = 0; i < count; i++, next++)
                Assert.Equal(next % b.Options.RingSize, used[i].Token);
            for (int i = 0; i < count; i++)
                b.Driver.Pairs[0].Receive.Add([b.Driver.Pairs[0].ReceiveBuffer(used[i].Token)], isWritable: true);
            b.Driver.Pairs[0].FlushReceives();
        }
    }

    [Theory]
    [InlineData(false, 12)]
    [InlineData(true, 20)]
    public void V050_The_header_is_as_long_as_the_features_make_it(bool hashReport, int length)
    {
        VirtioFeature features = RingKind.Basic | VirtioFeature.CtrlVq | VirtioFeature.Mq | (hashReport ? VirtioFeature.HashReport : 0);
        using Guest a = Make(1, features, pairs: 2);
        using Guest b = Make(2, features, pairs: 2);
        Assert.Equal(hashReport, b.Driver.Transport.Has(VirtioFeature.HashReport));
        Assert.Equal(length, b.Driver.Pairs[0].HeaderLength);
        byte[] frame = TestFrame.Plain(b.Mac, a.Mac, 100);
        a.Send(frame);
        DriverVirtqueue ring = b.Driver.Pairs[0].Receive.HasUsed ? b.Driver.Pairs[0].Receive : b.Driver.Pairs[1].Receive;
        Span<UsedBuffer> used = stackalloc UsedBuffer[2];
        Assert.Equal(1, ring.Collect(used));
        Assert.Equal((uint)(length + 100), used[0].Length);
    }

    [Fact]
    public void V050_Headers_of_24_and_32_bytes_are_not_offered()
    {
        using var net = new NetEndpoint(new NetFunctionSettings { Name = "net0/0", QueuePairs = 2 });
        Assert.Equal(0u, net.Features(2));
        Assert.Equal(0u, net.Features(3));
    }

    [Theory]
    [InlineData(1501, false)]
    [InlineData(1500, true)]
    public void V064_Nothing_longer_than_the_mtu_passes_from_the_guest(int payload, bool passes)
    {
        using Guest a = Make(1, RingKind.Basic, bufferSize: 4096);
        using Guest b = Make(2, RingKind.Basic, receiveSize: 4096, mtu: 9000);
        a.Send(TestFrame.Plain(b.Mac, a.Mac, 14 + payload));
        Assert.Equal(passes, b.Receive(out _) is not null);
        Assert.Equal(passes ? 0 : 1, a.Port.Counters.TxDropped);
    }

    [Theory]
    [InlineData(1501, false)]
    [InlineData(1500, true)]
    public void V064_Nothing_longer_than_the_mtu_passes_to_the_guest(int payload, bool passes)
    {
        using Guest a = Make(1, RingKind.Basic, bufferSize: 4096, mtu: 9000);
        using Guest b = Make(2, RingKind.Basic, receiveSize: 4096);
        a.Send(TestFrame.Plain(b.Mac, a.Mac, 14 + payload));
        Assert.Equal(passes, b.Receive(out _) is not null);
        Assert.Equal(passes ? 0 : 1, b.Port.Counters.RxDropped);
    }

    [Fact]
    public void V063_While_the_link_is_down_frames_are_lost_and_buffers_come_back()
    {
        using Guest a = Make(1, RingKind.Basic);
        using Guest b = Make(2, RingKind.Basic);
        a.Port.Policy = a.Port.Policy with { LinkState = LinkState.Disable };
        a.Send(TestFrame.Plain(b.Mac, a.Mac));
        Assert.Null(b.Receive(out _));
        Assert.Equal(1, a.Driver.Pairs[0].ReclaimSent());
        b.Send(TestFrame.Plain(a.Mac, b.Mac));
        Assert.Null(a.Receive(out _));
        a.Port.Policy = a.Port.Policy with { LinkState = LinkState.Auto };
        a.Send(TestFrame.Plain(b.Mac, a.Mac));
        Assert.NotNull(b.Receive(out _));
    }

    [Fact]
    public void V066_Spoofed_frames_are_dropped_and_counted()
    {
        using Guest a = Make(1, RingKind.Basic);
        using Guest b = Make(2, RingKind.Basic);
        a.Send(TestFrame.Plain(b.Mac, TestFrame.Mac(9)));
        a.Port.Policy = a.Port.Policy with { Vlan = 7 };
        a.Send(TestFrame.Tagged(TestFrame.Plain(b.Mac, a.Mac), 8));
        Assert.Null(b.Receive(out _));
        Assert.Equal(1, a.Port.Counters.SpoofDropped);
        Assert.Equal(1, a.Port.Counters.VlanDropped);
        Assert.Equal(2, a.Driver.Pairs[0].ReclaimSent());
    }

    [Fact]
    public void Frames_of_a_length_no_frame_has_are_counted_and_their_buffers_come_back()
    {
        using Guest a = Make(1, RingKind.Basic, bufferSize: 70_000);
        using Guest b = Make(2, RingKind.Basic);
        a.Send([]);
        a.Send(new byte[13]);
        a.Send(new byte[FrameBatch.MaxFrameLength + 1]);
        Assert.Equal(3, a.Counters.TransmitMalformed);
        Assert.Equal(3, a.Port.Counters.TxDropped);
        Assert.Equal(3, a.Driver.Pairs[0].ReclaimSent());
        Assert.True(a.IsHealthy);
    }

    internal static FrameHeader HeaderOf(FrameOffload offload) => new()
    {
        Flags = FrameHeader.NeedsChecksum,
        GsoType = (byte)((byte)offload.Gso | (offload.Ecn ? 0x80 : 0)),
        GsoSize = offload.GsoSize,
        HeaderLength = offload.HeaderLength,
        ChecksumStart = offload.ChecksumStart,
        ChecksumOffset = offload.ChecksumOffset,
    };

    internal static RingFeatures RingFeaturesOf(ulong features)
    {
        var feature = (VirtioFeature)features;
        RingFeatures ring = (feature & VirtioFeature.EventIdx) != 0 ? RingFeatures.EventIndex : 0;
        ring |= (feature & VirtioFeature.IndirectDesc) != 0 ? RingFeatures.IndirectDescriptors : 0;
        ring |= (feature & VirtioFeature.RingPacked) != 0 ? RingFeatures.Packed : 0;
        return ring | ((feature & VirtioFeature.InOrder) != 0 ? RingFeatures.InOrder : 0);
    }

    internal static VirtqueueLayout LayoutOf(DriverVirtqueue ring) =>
        new((ushort)ring.Size, ring.DescriptorArea, ring.DriverArea, ring.DeviceArea);

    internal static void AddFrame(DriverVirtqueue ring, byte[] frame)
    {
        ulong buffer = ring.Memory.Allocate(12 + frame.Length);
        frame.CopyTo(ring.Memory.Span(buffer + 12, frame.Length));
        Assert.Equal(1, ring.Add([new DriverBuffer(buffer, (uint)(12 + frame.Length))], isWritable: false));
        ring.Publish();
    }

    private static byte[] Snapshot(DriverVirtqueue ring) =>
    [
        .. ring.Memory.Span(ring.DescriptorArea, ring.Size * 16),
        .. ring.Memory.Span(ring.DriverArea, 6 + (2 * ring.Size)),
    ];

    private Guest Make(
        int function, VirtioFeature features, TransmitLayout layout = TransmitLayout.OneBuffer, int pairs = 1, int receiveSize = 2048,
        int bufferSize = 2048, int ringSize = 64, int mtu = 1500)
    {
        var options = new NetDriverOptions
        {
            Features = features, Layout = layout, QueuePairs = pairs, ReceiveBufferSize = receiveSize, TransmitBufferSize = bufferSize,
            RingSize = ringSize,
        };
        var settings = new NetFunctionSettings { Name = $"net0/{function - 1}", QueuePairs = pairs, Mtu = mtu };
        return new Guest(_switch, function, options, settings);
    }
}
