using SoftIov.Datapath;
using Xunit;

namespace SoftIov.Tests.Datapath;

public class OffloadTests
{
    private readonly SwitchSetup _setup = new();
    private readonly SwitchPort _a;
    private readonly SwitchPort _b;

    public OffloadTests()
    {
        _a = _setup.AddVf(1);
        _b = _setup.AddVf(2);
    }

    private RecordingPort Receiver => _setup.Receiver(_b);

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(33)]
    [InlineData(34)]
    [InlineData(35)]
    [InlineData(1000)]
    [InlineData(1001)]
    public void V051_partial_checksums_are_completed_for_any_length(int payload)
    {
        foreach (byte[] packet in new[]
        {
            TestPacket.IPv4(tcp: true, payload), TestPacket.IPv4(tcp: false, payload),
            TestPacket.IPv6(tcp: true, payload), TestPacket.IPv6(tcp: false, payload),
        })
        {
            Receiver.Frames.Clear();
            _setup.Send(_a, TestPacket.Offload(packet), packet);
            byte[] got = Receiver.Single();
            TestPacket.AssertSound(got);
            int field = TestPacket.Offload(packet).ChecksumStart + TestPacket.Offload(packet).ChecksumOffset;
            Assert.Equal(WithoutField(packet, field), WithoutField(got, field));
            Assert.True(Receiver.Offloads[^1] is { ChecksumValid: true, NeedsChecksum: false });
        }
    }

    [Fact]
    public void V051_the_checksum_of_udp_is_ffff_rather_than_0()
    {
        byte[] packet = TestPacket.IPv4(tcp: false, payload: 2);
        packet[42] = packet[43] = 0;
        int sum = TestPacket.Sum(packet.AsSpan(34));
        packet[42] = (byte)~(sum >> 8);
        packet[43] = (byte)~sum;
        Assert.Equal(0xFFFF, TestPacket.Sum(packet.AsSpan(34)));
        _setup.Send(_a, TestPacket.Offload(packet), packet);
        Assert.Equal(0xFFFF, TestPacket.Read(Receiver.Single(), 40));
    }

    [Fact]
    public void V051_the_checksum_may_be_the_last_bytes_of_the_frame()
    {
        byte[] packet = TestFrame.Plain(_b.MacAddress, _a.MacAddress, length: 80);
        packet[78] = packet[79] = 0;
        var offload = new FrameOffload { NeedsChecksum = true, ChecksumStart = 20, ChecksumOffset = 58 };
        _setup.Send(_a, offload, packet);
        Assert.Equal(0xFFFF, TestPacket.Sum(Receiver.Single().AsSpan(20)));
    }

    [Fact]
    public void V051_a_checksum_beyond_the_head_is_written_without_touching_the_senders_buffer()
    {
        byte[] packet = TestFrame.Plain(_b.MacAddress, _a.MacAddress, length: 700);
        var offload = new FrameOffload { NeedsChecksum = true, ChecksumStart = 101, ChecksumOffset = 40 };
        _setup.Send(_a, offload, packet);
        byte[] got = Receiver.Single();
        packet[141] = got[141];
        packet[142] = got[142];
        Assert.Equal(packet, got);
        int pseudo = TestFrame.Plain(default, default, 700)[141] << 8 | TestFrame.Plain(default, default, 700)[142];
        packet[141] = (byte)(pseudo >> 8);
        packet[142] = (byte)pseudo;
        Assert.Equal((ushort)~TestPacket.Sum(packet.AsSpan(101)), TestPacket.Read(got, 141));
    }

    [Theory]
    [InlineData(59, 0)]
    [InlineData(60, 16)]
    [InlineData(44, 15)]
    [InlineData(13, 6)]
    [InlineData(0, 0)]
    [InlineData(65535, 65535)]
    public void V051_checksums_outside_the_frame_are_dropped_and_counted(int start, int offset)
    {
        byte[] packet = TestFrame.Plain(_b.MacAddress, _a.MacAddress, length: 60);
        Receiver.AcceptedOffloads = OffloadSet.Checksum;
        _setup.Send(_a, new FrameOffload { NeedsChecksum = true, ChecksumStart = (ushort)start, ChecksumOffset = (ushort)offset }, packet);
        Assert.Empty(Receiver.Frames);
        Assert.Equal(1, _a.Counters.TxDropped);
    }

    [Theory]
    [InlineData(false, 1448, 32, 1448 * 3)]
    [InlineData(false, 1448, 32, (1448 * 3) + 1)]
    [InlineData(false, 1448, 12, 65000)]
    [InlineData(false, 64, 0, 60000)]
    [InlineData(false, 1461, 0, 1400)]
    [InlineData(true, 1428, 32, (1428 * 40) + 77)]
    [InlineData(true, 7, 40, 300)]
    public void V052_tso_cuts_a_frame_into_sound_segments(bool v6, int gsoSize, int options, int payload)
    {
        byte flags = TestPacket.Fin | TestPacket.Psh | TestPacket.Ack | TestPacket.Cwr;
        byte[] packet = v6 ? TestPacket.IPv6(true, payload, flags, options) : TestPacket.IPv4(true, payload, flags, options);
        _b.Mtu = 9000;
        _a.Mtu = 9000;
        _setup.Send(_a, TestPacket.Offload(packet, v6 ? GsoType.TcpV6 : GsoType.TcpV4, gsoSize, ecn: true, hint: 1), packet);
        AssertSegments(packet, gsoSize);
        List<byte[]> segments = Receiver.Frames;
        for (int i = 0; i < segments.Count; i++)
        {
            bool last = i == segments.Count - 1;
            int expected = TestPacket.Ack | (last ? TestPacket.Fin | TestPacket.Psh : 0) | (i == 0 ? TestPacket.Cwr : 0);
            Assert.Equal(expected, TestPacket.Flags(segments[i]));
            Assert.Equal(unchecked(0xFFFF_FF00 + (uint)(i * gsoSize)), TestPacket.Sequence(segments[i]));
            if (!v6)
            {
                Assert.Equal((0xFFFE + i) & 0xFFFF, TestPacket.Read(segments[i], 18));
            }
        }
    }

    [Fact]
    public void V052_extension_headers_of_ipv6_are_repeated()
    {
        byte[] packet = TestPacket.IPv6(tcp: true, payload: 5000, options: 12, extension: new byte[24]);
        _setup.Send(_a, TestPacket.Offload(packet, GsoType.TcpV6, 1200), packet);
        AssertSegments(packet, 1200);
    }

    [Theory]
    [InlineData(GsoType.TcpV4, 0)]
    [InlineData(GsoType.TcpV4, 1)]
    [InlineData(GsoType.TcpV6, 1000)]
    [InlineData(GsoType.UdpL4, 1000)]
    [InlineData((GsoType)3, 1000)]
    [InlineData((GsoType)0x7F, 1000)]
    public void V052_requests_that_contradict_the_headers_are_dropped_and_counted(GsoType gso, int gsoSize)
    {
        byte[] packet = TestPacket.IPv4(tcp: true, payload: 4000);
        Receiver.AcceptedOffloads = (OffloadSet)0xFF;
        _setup.Send(_a, TestPacket.Offload(packet, gso, gsoSize), packet);
        Assert.Empty(Receiver.Frames);
        Assert.Equal(1, _a.Counters.TxDropped);
    }

    [Fact]
    public void V052_headers_that_lie_are_dropped()
    {
        byte[] good = TestPacket.IPv4(tcp: true, payload: 4000);
        Check(frame => frame[14] = 0x44);
        Check(frame => frame[14] = 0x4F);
        Check(frame => frame[14] = 0x65);
        Check(frame => frame[20] = 0x20);
        Check(frame => frame[23] = 1);
        Check(frame => frame[46] = 0x40);
        Check(frame => frame[12] = 0x09);
        Assert.Equal(7, _a.Counters.TxDropped);
        _setup.Send(_a, TestPacket.Offload(good, GsoType.TcpV4, 1000) with { NeedsChecksum = false }, good);
        Assert.Equal(8, _a.Counters.TxDropped);
        Assert.Empty(Receiver.Frames);

        void Check(Action<byte[]> lie)
        {
            byte[] bad = [.. good];
            FrameOffload offload = TestPacket.Offload(good, GsoType.TcpV4, 1000);
            lie(bad);
            _setup.Send(_a, offload, bad);
        }
    }

    [Theory]
    [InlineData(false, 1200, 12_345)]
    [InlineData(true, 999, 10_000)]
    [InlineData(false, 1, 100)]
    public void V053_uso_cuts_a_frame_into_datagrams(bool v6, int gsoSize, int payload)
    {
        byte[] packet = v6 ? TestPacket.IPv6(tcp: false, payload) : TestPacket.IPv4(tcp: false, payload);
        _setup.Send(_a, TestPacket.Offload(packet, GsoType.UdpL4, gsoSize), packet);
        AssertSegments(packet, gsoSize);
    }

    [Theory]
    [InlineData(GsoType.TcpV4, OffloadSet.Checksum | OffloadSet.TcpV4, true)]
    [InlineData(GsoType.TcpV4, OffloadSet.Checksum | OffloadSet.TcpV6, false)]
    [InlineData(GsoType.TcpV6, OffloadSet.Checksum | OffloadSet.TcpV6, true)]
    [InlineData(GsoType.UdpL4, OffloadSet.Checksum | OffloadSet.UdpV6, true)]
    [InlineData(GsoType.UdpL4, OffloadSet.Checksum | OffloadSet.UdpV4, false)]
    public void V054_gso_passes_whole_to_a_receiver_that_takes_it_and_in_segments_to_others(GsoType gso, OffloadSet accepted, bool whole)
    {
        byte[] packet = gso == GsoType.TcpV4 ? TestPacket.IPv4(true, 5000) : TestPacket.IPv6(gso == GsoType.TcpV6, 5000);
        Receiver.AcceptedOffloads = accepted;
        _setup.Send(_a, TestPacket.Offload(packet, gso, 1000), packet);
        if (whole)
        {
            Assert.Equal(packet, Receiver.Single());
            Assert.Equal(gso, Receiver.Offloads[0].Gso);
            return;
        }

        Assert.Equal(5, Receiver.Frames.Count);
        foreach (byte[] segment in Receiver.Frames)
        {
            // The receiver takes partial checksums: the field holds the pseudo-header's sum only.
            byte[] expected = [.. segment];
            TestPacket.WritePartialChecksum(expected);
            Assert.Equal(expected, segment);
        }

        Assert.All(Receiver.Offloads, o => Assert.True(o is { NeedsChecksum: true, Gso: GsoType.None }));
    }

    [Fact]
    public void V054_ecn_needs_a_receiver_that_takes_it()
    {
        byte[] packet = TestPacket.IPv4(true, 5000, flags: TestPacket.Cwr | TestPacket.Ack);
        Receiver.AcceptedOffloads = OffloadSet.Checksum | OffloadSet.TcpV4;
        _setup.Send(_a, TestPacket.Offload(packet, GsoType.TcpV4, 1000, ecn: true), packet);
        Assert.Equal(5, Receiver.Frames.Count);
        Receiver.AcceptedOffloads |= OffloadSet.TcpEcn;
        _setup.Send(_a, TestPacket.Offload(packet, GsoType.TcpV4, 1000, ecn: true), packet);
        Assert.Equal(6, Receiver.Frames.Count);
    }

    [Fact]
    public void A_flow_keeps_its_order_through_segmentation()
    {
        byte[] packet = TestPacket.IPv4(true, 40_000);
        byte[] plain = TestFrame.Plain(_b.MacAddress, _a.MacAddress);
        _setup.SendMixed(_a, (plain, default), (packet, TestPacket.Offload(packet, GsoType.TcpV4, 1000)), (plain, default));
        Assert.Equal(42, Receiver.Frames.Count);
        Assert.Equal(plain, Receiver.Frames[0]);
        Assert.Equal(plain, Receiver.Frames[41]);
        Assert.Equal(42, _b.Counters.RxPackets);
    }

    [Fact]
    public void A_port_vlan_tag_is_repeated_in_each_segment()
    {
        _a.Policy = VfPolicy.Default with { Vlan = 100, Qos = 3 };
        byte[] packet = TestPacket.IPv4(true, 3000, options: 12);
        _setup.Send(_a, TestPacket.Offload(packet, GsoType.TcpV4, 1000), packet);
        List<byte[]> segments = Receiver.Frames;
        Assert.Equal(3, segments.Count);
        Assert.All(segments, s => Assert.Equal((0x8100, 0x6064), (TestPacket.Read(s, 12), TestPacket.Read(s, 14))));
        Assert.All(segments, TestPacket.AssertSound);
    }

    [Fact]
    public void V064_segments_over_the_mtu_are_dropped()
    {
        byte[] packet = TestPacket.IPv4(true, 5000);
        Receiver.AcceptedOffloads = OffloadSet.Checksum | OffloadSet.TcpV4;
        _setup.Send(_a, TestPacket.Offload(packet, GsoType.TcpV4, 1460, hint: 1), packet);
        Assert.Single(Receiver.Frames);
        _setup.Send(_a, TestPacket.Offload(packet, GsoType.TcpV4, 1461, hint: 1), packet);
        Assert.Single(Receiver.Frames);
        Assert.Equal(1, _a.Counters.TxDropped);
    }

    private static byte[] WithoutField(byte[] frame, int field) => [.. frame[..field], .. frame[(field + 2)..]];

    /// <summary>Each segment sound, of the right size, and the payload complete and in order.</summary>
    private void AssertSegments(byte[] packet, int gsoSize)
    {
        int header = TestPacket.Locate(packet).Payload;
        var payload = new List<byte>();
        for (int i = 0; i < Receiver.Frames.Count; i++)
        {
            byte[] segment = Receiver.Frames[i];
            TestPacket.AssertSound(segment);
            Assert.True(segment.Length - header == gsoSize || i == Receiver.Frames.Count - 1);
            payload.AddRange(segment[header..]);
        }

        Assert.Equal((packet.Length - header + gsoSize - 1) / gsoSize, Receiver.Frames.Count);
        Assert.Equal(packet[header..], payload);
    }
}
