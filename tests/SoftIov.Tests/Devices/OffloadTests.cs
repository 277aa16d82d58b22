using SoftIov.Datapath;
using SoftIov.Devices.Virtio.Net;
using SoftIov.Lab.Virtio;
using SoftIov.Tests.Datapath;
using Xunit;

namespace SoftIov.Tests.Devices;

/// <summary>Checksum and segmentation work between two drivers, from the headers of one to those of the other.</summary>
public class OffloadTests
{
    private const VirtioFeature Host =
        RingKind.Basic | VirtioFeature.Csum | VirtioFeature.HostTso4 | VirtioFeature.HostTso6 | VirtioFeature.HostEcn | VirtioFeature.HostUso;
    private const VirtioFeature GuestOffloads = VirtioFeature.GuestCsum | VirtioFeature.GuestTso4 | VirtioFeature.GuestTso6
        | VirtioFeature.GuestEcn | VirtioFeature.GuestUso4 | VirtioFeature.GuestUso6;
    private const VirtioFeature Receiver = RingKind.Basic | VirtioFeature.MrgRxbuf | GuestOffloads;

    private readonly VirtualSwitch _switch = new(TimeProvider.System);

    public static TheoryData<bool, bool, int> Packets()
    {
        var data = new TheoryData<bool, bool, int>();
        foreach (int payload in new[] { 0, 1, 2, 33, 1000, 1001 })
        {
            data.Add(true, true, payload);
            data.Add(true, false, payload);
            data.Add(false, true, payload);
            data.Add(false, false, payload);
        }

        return data;
    }

    public static TheoryData<bool, byte, int, int> Segmented() => new()
    {
        { true, FrameHeader.TcpV4, 1448, 20_000 },
        { true, FrameHeader.TcpV6, 1428, 20_000 },
        { true, FrameHeader.TcpV4, 1000, 64_000 },
        { true, FrameHeader.TcpV4, 1448, 1448 },
        { false, FrameHeader.UdpL4, 1000, 5001 },
        { true, FrameHeader.TcpV4, 536, 537 },
    };

    [Theory]
    [MemberData(nameof(Packets))]
    public void V051_A_checksum_left_to_the_device_is_completed(bool v6, bool tcp, int payload)
    {
        using Guest a = Make(1, Host);
        using Guest b = Make(2, RingKind.Basic);
        byte[] packet = v6 ? TestPacket.IPv6(tcp, payload) : TestPacket.IPv4(tcp, payload);
        a.Send(packet, TransferTests.HeaderOf(TestPacket.Offload(packet)));
        byte[]? received = b.Receive(out FrameHeader header);
        Assert.NotNull(received);
        TestPacket.AssertSound(received);
        Assert.Equal(0, header.Flags);
        Assert.Equal(packet.Length, received.Length);
    }

    [Theory]
    [MemberData(nameof(Packets))]
    public void V051_A_checksum_is_passed_on_to_who_takes_it(bool v6, bool tcp, int payload)
    {
        using Guest a = Make(1, Host);
        using Guest b = Make(2, Receiver);
        byte[] packet = v6 ? TestPacket.IPv6(tcp, payload) : TestPacket.IPv4(tcp, payload);
        FrameHeader request = TransferTests.HeaderOf(TestPacket.Offload(packet));
        a.Send(packet, request);
        Assert.Equal(packet, b.Receive(out FrameHeader header));
        Assert.Equal(FrameHeader.NeedsChecksum, header.Flags);
        Assert.Equal(request.ChecksumStart, header.ChecksumStart);
        Assert.Equal(request.ChecksumOffset, header.ChecksumOffset);
        Assert.Equal(0, header.GsoType);
    }

    [Theory]
    [InlineData(0, 16)]
    [InlineData(34, 0xFFFF)]
    [InlineData(0xFFFF, 0)]
    [InlineData(1053, 0)]
    [InlineData(1000, 53)]
    public void V051_A_checksum_outside_the_packet_is_dropped_and_counted(int start, int offset)
    {
        using Guest a = Make(1, Host);
        using Guest b = Make(2, RingKind.Basic);
        byte[] packet = TestPacket.IPv4(tcp: true, payload: 1000);
        Assert.Equal(1054, packet.Length);
        a.Send(packet, new FrameHeader { Flags = FrameHeader.NeedsChecksum, ChecksumStart = (ushort)start, ChecksumOffset = (ushort)offset });
        Assert.Null(b.Receive(out _));
        Assert.Equal(1, a.Port.Counters.TxDropped);
        Assert.Equal(1, a.Driver.Pairs[0].ReclaimSent());
        Assert.True(a.IsHealthy);
    }

    [Fact]
    public void V051_Without_csum_the_request_is_ignored()
    {
        using Guest a = Make(1, RingKind.Basic);
        using Guest b = Make(2, Receiver);
        byte[] packet = TestPacket.IPv4(tcp: true, payload: 100);
        a.Send(packet, TransferTests.HeaderOf(TestPacket.Offload(packet)));
        Assert.Equal(packet, b.Receive(out FrameHeader header));
        Assert.Equal(0, header.Flags & FrameHeader.NeedsChecksum);
    }

    [Theory]
    [MemberData(nameof(Segmented))]
    public void V052_V053_V054_Work_the_receiver_does_not_take_is_done_for_it(bool tcp, byte gsoType, int size, int payload)
    {
        bool v6 = gsoType == FrameHeader.TcpV6;
        using Guest a = Make(1, Host);
        using Guest b = Make(2, RingKind.Basic);
        byte[] packet = v6 ? TestPacket.IPv6(tcp, payload) : TestPacket.IPv4(tcp, payload, TestPacket.Ack | TestPacket.Psh);
        a.Send(packet, Request(packet, gsoType, size));
        List<byte[]> segments = b.ReceiveAll();
        int headers = TestPacket.Locate(packet).Payload;
        Assert.Equal((payload + size - 1) / size, segments.Count);
        segments.ForEach(TestPacket.AssertSound);
        Assert.Equal(packet[headers..], segments.SelectMany(segment => segment[headers..]));
        IEnumerable<uint> expected = Enumerable.Range(0, segments.Count).Select(i => TestPacket.Sequence(packet) + (uint)(i * size));
        if (tcp)
            Assert.Equal(expected, segments.Select(TestPacket.Sequence));
    }

    [Theory]
    [MemberData(nameof(Segmented))]
    public void V054_To_a_receiver_that_takes_the_work_the_packet_goes_whole(bool tcp, byte gsoType, int size, int payload)
    {
        bool v6 = gsoType == FrameHeader.TcpV6;
        using Guest a = Make(1, Host);
        using Guest b = Make(2, Receiver);
        byte[] packet = v6 ? TestPacket.IPv6(tcp, payload) : TestPacket.IPv4(tcp, payload);
        a.Send(packet, Request(packet, gsoType, size));
        Assert.Equal(packet, b.Receive(out FrameHeader header));
        Assert.Equal(gsoType, header.GsoType);
        Assert.Equal(size, header.GsoSize);
        Assert.Equal(FrameHeader.NeedsChecksum, header.Flags);
        Assert.Equal(TestPacket.Locate(packet).Payload, header.HeaderLength);
        Assert.Null(b.Receive(out _));
    }

    [Fact]
    public void V053_Datagrams_over_ipv6_are_segmented_too()
    {
        using Guest a = Make(1, Host);
        using Guest b = Make(2, RingKind.Basic);
        byte[] packet = TestPacket.IPv6(tcp: false, payload: 3001);
        a.Send(packet, Request(packet, FrameHeader.UdpL4, 1000));
        List<byte[]> segments = b.ReceiveAll();
        Assert.Equal(4, segments.Count);
        segments.ForEach(TestPacket.AssertSound);
    }

    [Theory]
    [InlineData(true, 0x80)]
    [InlineData(false, 0)]
    public void V052_Congestion_is_told_once(bool accepted, int flag)
    {
        using Guest a = Make(1, Host);
        using Guest b = Make(2, accepted ? Receiver : Receiver & ~VirtioFeature.GuestEcn);
        byte[] packet = TestPacket.IPv4(tcp: true, payload: 4000, TestPacket.Ack | TestPacket.Cwr);
        FrameHeader request = Request(packet, FrameHeader.TcpV4, 1000);
        request.GsoType |= 0x80;
        a.Send(packet, request);
        var flags = new List<bool>();
        while (b.Receive(out FrameHeader header) is { } segment)
        {
            Assert.Equal(accepted ? FrameHeader.TcpV4 | flag : 0, header.GsoType);
            flags.Add((TestPacket.Flags(segment) & TestPacket.Cwr) != 0);
        }

        Assert.Equal(accepted ? [true] : [true, false, false, false], flags);
    }

    [Theory]
    [InlineData(FrameHeader.TcpV4, 0, true)]
    [InlineData(FrameHeader.TcpV4, 1, true)]
    [InlineData(FrameHeader.TcpV4, 1000, false)]
    [InlineData(FrameHeader.TcpV6, 1000, true)]
    [InlineData(FrameHeader.UdpL4, 1000, true)]
    [InlineData(3, 1000, true)]
    [InlineData(2, 1000, true)]
    [InlineData(0x7F, 1000, true)]
    public void V052_A_request_that_contradicts_itself_or_the_packet_is_dropped(int gsoType, int size, bool checksum)
    {
        using Guest a = Make(1, Host);
        using Guest b = Make(2, RingKind.Basic);
        byte[] packet = TestPacket.IPv4(tcp: true, payload: 20_000);
        FrameHeader request = Request(packet, (byte)gsoType, size);
        request.Flags = checksum ? FrameHeader.NeedsChecksum : (byte)0;
        a.Send(packet, request);
        Assert.Empty(b.ReceiveAll());
        Assert.Equal(1, a.Port.Counters.TxDropped);
        Assert.Equal(1, a.Driver.Pairs[0].ReclaimSent());
        Assert.True(a.IsHealthy);
    }

    [Fact]
    public void V052_Segmentation_that_was_not_negotiated_is_dropped()
    {
        using Guest a = Make(1, RingKind.Basic | VirtioFeature.Csum);
        using Guest b = Make(2, Receiver);
        byte[] packet = TestPacket.IPv4(tcp: true, payload: 5000);
        a.Send(packet, Request(packet, FrameHeader.TcpV4, 1000));
        Assert.Null(b.Receive(out _));
        Assert.Equal(1, a.Counters.TransmitMalformed);
    }

    [Fact]
    public void Pitfall_13_Segments_larger_than_the_payload_leave_the_packet_as_it_is()
    {
        using Guest a = Make(1, Host);
        using Guest b = Make(2, RingKind.Basic);
        byte[] packet = TestPacket.IPv4(tcp: true, payload: 700);
        a.Send(packet, Request(packet, FrameHeader.TcpV4, 60_000));
        byte[] received = Assert.Single(b.ReceiveAll());
        TestPacket.AssertSound(received);
        Assert.Equal(packet.Length, received.Length);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(3)]
    [InlineData(0xFFFF)]
    public void A_header_length_is_a_hint_and_no_more(int hint)
    {
        using Guest a = Make(1, Host);
        using Guest b = Make(2, RingKind.Basic);
        byte[] packet = TestPacket.IPv4(tcp: true, payload: 3000, options: 12);
        FrameHeader request = Request(packet, FrameHeader.TcpV4, 1000);
        request.HeaderLength = (ushort)hint;
        a.Send(packet, request);
        List<byte[]> segments = b.ReceiveAll();
        Assert.Equal(3, segments.Count);
        segments.ForEach(TestPacket.AssertSound);
    }

    [Fact]
    public void V057_Offloads_switched_off_stop_at_the_acknowledgement_and_come_back()
    {
        using Guest a = Make(1, Host);
        using Guest b = Make(2, Receiver | VirtioFeature.CtrlVq | VirtioFeature.CtrlGuestOffloads);
        byte[] packet = TestPacket.IPv4(tcp: true, payload: 3000);
        Assert.True(b.Driver.SetGuestOffloads(VirtioFeature.None));
        a.Send(packet, Request(packet, FrameHeader.TcpV4, 1000));
        for (int i = 0; i < 3; i++)
        {
            byte[]? segment = b.Receive(out FrameHeader header);
            Assert.NotNull(segment);
            TestPacket.AssertSound(segment);
            Assert.Equal(0, header.Flags);
            Assert.Equal(0, header.GsoType);
        }

        Assert.True(b.Driver.SetGuestOffloads(VirtioFeature.GuestCsum));
        a.Send(packet, Request(packet, FrameHeader.TcpV4, 1000));
        Assert.NotNull(b.Receive(out FrameHeader partial));
        Assert.Equal(FrameHeader.NeedsChecksum, partial.Flags);
        Assert.Equal(0, partial.GsoType);
        Assert.Equal(2, b.ReceiveAll().Count);
        Assert.True(b.Driver.SetGuestOffloads(GuestOffloads));
        a.Send(packet, Request(packet, FrameHeader.TcpV4, 1000));
        Assert.Equal(packet, b.Receive(out _));
    }

    [Fact]
    public async Task V057_The_acknowledgement_waits_for_a_burst_under_way()
    {
        var clock = new HeldClock();
        const VirtioFeature Control = VirtioFeature.CtrlVq | VirtioFeature.CtrlGuestOffloads | VirtioFeature.NotfCoal;
        using Guest a = Make(1, Host);
        using Guest b = Make(2, Receiver | Control, clock);

        // Coalescing asks for the time in the middle of a burst: there it is held.
        Assert.Equal(0, b.Command(6, 1, 100, 0, 0, 0, 0xFF, 0xFF, 0, 0));
        clock.Hold();
        Task sender = Task.Run(() => a.Send(TestFrame.Plain(b.Mac, a.Mac)));
        clock.WaitForWaiter();
        Task<bool> command = Task.Run(() => b.Driver.SetGuestOffloads(VirtioFeature.None));
        await Task.WhenAny(command, Task.Delay(300));
        Assert.False(command.IsCompleted, "acknowledged in the middle of a burst");
        clock.Release();
        await sender;
        Assert.True(await command);
    }

    [Fact]
    public void V057_Offloads_that_were_not_negotiated_cannot_be_switched_on()
    {
        using Guest b = Make(2, (Receiver & ~VirtioFeature.GuestTso6) | VirtioFeature.CtrlVq | VirtioFeature.CtrlGuestOffloads);
        Assert.False(b.Driver.SetGuestOffloads(GuestOffloads));
        Assert.False(b.Driver.SetGuestOffloads(VirtioFeature.Mac));
        Assert.True(b.Driver.SetGuestOffloads(GuestOffloads & ~VirtioFeature.GuestTso6));
    }

    [Fact]
    public void Reset_brings_the_negotiated_offloads_back()
    {
        VirtioFeature features = Receiver | VirtioFeature.CtrlVq | VirtioFeature.CtrlGuestOffloads;
        using Guest a = Make(1, Host);
        using Guest b = Make(2, features);
        Assert.True(b.Driver.SetGuestOffloads(VirtioFeature.None));
        b.Driver.Dispose();
        b.Memory.Free();
        using VirtioNetDriver again = VirtioNetDriver.Open(b.Device, b.Memory, b.Options);
        byte[] packet = TestPacket.IPv4(tcp: true, payload: 3000);
        a.Send(packet, Request(packet, FrameHeader.TcpV4, 1000));
        byte[] buffer = new byte[FrameBatch.MaxFrameLength];
        Assert.Equal(packet.Length, again.TryReceive(buffer));
    }

    private static FrameHeader Request(byte[] packet, byte gsoType, int size)
    {
        FrameHeader header = TransferTests.HeaderOf(TestPacket.Offload(packet));
        header.GsoType = gsoType;
        header.GsoSize = (ushort)size;
        return header;
    }

    private Guest Make(int function, VirtioFeature features, TimeProvider? time = null)
    {
        var options = new NetDriverOptions { Features = features, TransmitBufferSize = 70_000, RingSize = 128 };
        return new Guest(_switch, function, options, new NetFunctionSettings { Name = $"net0/{function - 1}" }, time: time);
    }
}
