using System.Buffers.Binary;
using SoftIov.Datapath;
using SoftIov.Devices.Virtio.Net;
using SoftIov.Devices.Virtio.Spec;
using SoftIov.Lab.Pci;
using SoftIov.Lab.Virtio;
using SoftIov.Memory;
using SoftIov.Tests.Datapath;
using Xunit;

namespace SoftIov.Tests.Devices;

/// <summary>The control queue: commands, their answers and what they change.</summary>
public class ControlTests
{
    private const byte Ok = 0;
    private const byte Error = 1;
    private const VirtioFeature All = RingKind.Basic | VirtioFeature.CtrlVq | VirtioFeature.CtrlRx | VirtioFeature.CtrlRxExtra
        | VirtioFeature.CtrlVlan | VirtioFeature.CtrlMacAddr | VirtioFeature.GuestAnnounce | VirtioFeature.Mq | VirtioFeature.NotfCoal
        | VirtioFeature.VqNotfCoal | VirtioFeature.CtrlGuestOffloads | VirtioFeature.GuestCsum | VirtioFeature.Rss | VirtioFeature.HashReport;

    private readonly VirtualSwitch _switch = new(TimeProvider.System);

    [Fact]
    public void V065_Commands_nobody_knows_are_errors()
    {
        using Guest a = Make(1, All);
        (byte Class, byte Command)[] unknown = [(0, 6), (1, 2), (2, 2), (3, 1), (4, 3), (5, 1), (6, 4), (7, 0), (8, 0), (9, 0), (255, 255)];
        foreach ((byte category, byte command) in unknown)
            Assert.Equal(Error, a.Command(category, command, new byte[64]));
        Assert.Equal(unknown.Length, a.Counters.ControlErrors);
        Assert.True(a.IsHealthy);
    }

    [Fact]
    public void V065_Commands_of_features_that_were_not_negotiated_are_errors()
    {
        using Guest a = Make(1, RingKind.Basic | VirtioFeature.CtrlVq);
        for (byte category = 0; category < 7; category++)
            Assert.Equal(Error, a.Command(category, 0, new byte[64]));
    }

    [Fact]
    public void V065_Data_that_is_too_short_is_an_error_and_changes_nothing()
    {
        using Guest a = Make(1, All, pairs: 2);
        (byte Class, byte Command, int Length)[] needed =
        [
            (0, 0, 1), (0, 5, 1), (1, 0, 8), (1, 1, 6), (2, 0, 2), (2, 1, 2), (4, 0, 2), (4, 1, 13), (4, 2, 13), (5, 0, 8), (6, 0, 8), (6, 1, 8),
            (6, 2, 12), (6, 3, 4),
        ];
        foreach ((byte category, byte command, int length) in needed)
        {
            for (int given = 0; given < length; given++)
                Assert.Equal(Error, a.Command(category, command, new byte[given]));
        }

        Assert.Equal(2, a.Device.Function.Status.ActivePairs);
        Assert.Equal(TestFrame.Mac(1), a.Mac);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void V065_A_command_without_room_for_the_acknowledgement_needs_a_reset(bool packed)
    {
        using var net = new NetEndpoint();
        using DriverMemory memory = DriverMemory.CreatePrivate(1 << 20);
        net.MapMemory(memory);
        net.Negotiate(VirtioFeatures.CtrlVq | (packed ? VirtioFeatures.RingPacked : 0));
        DriverVirtqueue ring = DriverVirtqueue.Create(memory, 16, packed ? RingFeatures.Packed : RingFeatures.None);
        net.SetQueue(2, TransferTests.LayoutOf(ring));
        ring.TryAddChain([new DriverBuffer(memory.Allocate(16), 3)], [], 0);
        ring.Publish();
        net.Status = 15;
        net.Settle();
        Assert.Equal(64, net.Status & 64);
    }

    [Fact]
    public void V065_A_command_of_less_than_two_bytes_is_an_error()
    {
        using var net = new NetEndpoint();
        using DriverMemory memory = DriverMemory.CreatePrivate(1 << 20);
        net.MapMemory(memory);
        net.Negotiate(VirtioFeatures.CtrlVq);
        DriverVirtqueue ring = DriverVirtqueue.Create(memory, 16, RingFeatures.None);
        net.SetQueue(2, TransferTests.LayoutOf(ring));
        ulong buffer = memory.Allocate(16);
        ring.TryAddChain([new DriverBuffer(buffer, 1)], [new DriverBuffer(buffer + 8, 1)], 0);
        ring.TryAddChain([], [new DriverBuffer(buffer + 9, 1)], 0);
        ring.Publish();
        net.Status = 15;
        net.Settle();
        Assert.Equal([Error, Error], memory.Span(buffer + 8, 2).ToArray());
        Assert.Equal(0, net.Status & 64);
    }

    [Fact]
    public void V058_Group_frames_follow_the_driver_s_modes_and_table()
    {
        using Guest a = Make(1, RingKind.Basic);
        using Guest b = Make(2, All);
        MacAddress group = new(0x0100_5E00_0001);
        MacAddress other = new(0x0100_5E00_0002);
        Assert.True(Reaches(a, b, group), "after reset all group frames pass");
        Assert.True(b.Driver.SetAllMulticast(false));
        Assert.False(Reaches(a, b, group));
        Assert.Equal(Ok, b.Command(1, 0, Table([], [group])));
        Assert.True(Reaches(a, b, group));
        Assert.False(Reaches(a, b, other));
        Assert.Equal(Ok, b.Command(1, 0, Table([], [])));
        Assert.False(Reaches(a, b, group));
        Assert.Equal(Ok, b.Command(0, 5, 1));
        Assert.False(Reaches(a, b, MacAddress.Broadcast));
        Assert.Equal(Ok, b.Command(0, 5, 0));
        Assert.True(Reaches(a, b, MacAddress.Broadcast));
        Assert.True(b.Driver.SetAllMulticast(true));
        Assert.Equal(Ok, b.Command(0, 3, 1));
        Assert.False(Reaches(a, b, group));
    }

    [Fact]
    public void V058_A_multicast_list_longer_than_the_table_lets_all_pass()
    {
        using Guest a = Make(1, RingKind.Basic);
        using Guest b = Make(2, All);
        MacAddress[] many = [.. Enumerable.Range(0, 65).Select(i => new MacAddress(0x0100_5E00_0100 + (ulong)i))];
        b.Driver.SetAllMulticast(false);
        Assert.Equal(Ok, b.Command(1, 0, Table([], many[..64])));
        Assert.False(Reaches(a, b, many[64]));
        Assert.True(Reaches(a, b, many[63]));
        Assert.Equal(Ok, b.Command(1, 0, Table([], many)));
        Assert.True(Reaches(a, b, new MacAddress(0x0100_5E7F_FFFF)));
    }

    [Fact]
    public void V058_A_table_that_lies_about_its_length_changes_nothing()
    {
        using Guest b = Make(2, All);
        byte[] table = Table([], [new MacAddress(0x0100_5E00_0001)]);
        BinaryPrimitives.WriteUInt32LittleEndian(table.AsSpan(4), 2);
        Assert.Equal(Error, b.Command(1, 0, table));
        BinaryPrimitives.WriteUInt32LittleEndian(table, uint.MaxValue);
        Assert.Equal(Error, b.Command(1, 0, table));
        Assert.Empty(b.Port.Filter.Multicast);
    }

    [Fact]
    public void V058_A_list_of_gigabytes_takes_no_longer_than_the_table()
    {
        using var net = new NetEndpoint();
        using DriverMemory memory = DriverMemory.CreatePrivate(64 << 20);
        net.MapMemory(memory);
        net.Negotiate(VirtioFeatures.CtrlVq | VirtioFeatures.CtrlRx);
        DriverVirtqueue ring = DriverVirtqueue.Create(memory, 64, RingFeatures.None);
        ulong head = memory.Allocate(64);
        ulong page = memory.Allocate(62 << 20);
        const uint Count = 300_000_000;
        byte[] command = new byte[6];
        command[0] = 1;
        BinaryPrimitives.WriteUInt32LittleEndian(command.AsSpan(2), Count);
        command.CopyTo(memory.Span(head, 64));
        var parts = new DriverBuffer[30];
        parts[0] = new DriverBuffer(head, 6);
        Array.Fill(parts, new DriverBuffer(page, 62 << 20), 1, 29);
        net.SetQueue(2, TransferTests.LayoutOf(ring));
        ring.TryAddChain(parts, [new DriverBuffer(head + 32, 1)], 0);
        ring.Publish();
        memory.Span(head + 32, 1)[0] = 0xFF;
        net.Status = 15;
        long start = Environment.TickCount64;
        net.Settle();
        Assert.True(Environment.TickCount64 - start < 5000, "each address was looked at");
        Assert.Equal(Ok, memory.Span(head + 32, 1)[0]);
        Assert.True(net.Port.Filter.AllUnicast);
    }

    [Fact]
    public void V058_Only_a_trusted_function_sees_what_is_not_its_own()
    {
        using Guest a = Make(1, RingKind.Basic);
        using Guest b = Make(2, All);
        MacAddress stranger = TestFrame.Mac(0x99);
        Assert.True(b.Driver.SetPromiscuous(true));
        Assert.False(Reaches(a, b, stranger));
        b.Port.Policy = b.Port.Policy with { Trust = true };
        Assert.True(Reaches(a, b, stranger));
        Assert.True(b.Driver.SetPromiscuous(false));
        Assert.False(Reaches(a, b, stranger));
        Assert.Equal(Ok, b.Command(1, 0, Table([stranger], [])));
        Assert.True(Reaches(a, b, stranger));
    }

    [Fact]
    public void V058_Tagged_frames_follow_the_vlan_filter()
    {
        using Guest a = Make(1, RingKind.Basic);
        using Guest b = Make(2, All);
        Assert.False(ReachesTagged(a, b, 5));
        Assert.True(b.Driver.SetVlan(5, true));
        Assert.True(ReachesTagged(a, b, 5));
        Assert.False(ReachesTagged(a, b, 6));
        Assert.True(b.Driver.SetVlan(5, false));
        Assert.False(ReachesTagged(a, b, 5));
        Assert.False(b.Driver.SetVlan(4096, true));
        Assert.True(Reaches(a, b, b.Mac), "untagged frames are no VLAN's");
    }

    [Fact]
    public void V058_Without_the_vlan_feature_every_tag_passes()
    {
        using Guest a = Make(1, RingKind.Basic);
        using Guest b = Make(2, RingKind.Basic | VirtioFeature.CtrlVq | VirtioFeature.CtrlRx);
        Assert.True(ReachesTagged(a, b, 5));
    }

    [Fact]
    public void V059_A_new_address_shows_in_the_configuration_before_the_acknowledgement()
    {
        using Guest a = Make(1, RingKind.Basic);
        using Guest b = Make(2, All);
        MacAddress wanted = TestFrame.Mac(0x42);
        byte[] bytes = new byte[6];
        wanted.CopyTo(bytes);
        ulong generation = b.Device.Read(CommonConfig.ConfigGeneration, 1);
        Assert.True(b.Driver.SetMacAddress(bytes));
        Assert.Equal(bytes, b.Driver.MacAddress);
        Assert.NotEqual(generation, b.Device.Read(CommonConfig.ConfigGeneration, 1));
        Assert.True(Reaches(a, b, wanted));
        Assert.False(Reaches(a, b, TestFrame.Mac(2)));
        Assert.False(b.Driver.SetMacAddress([1, 0, 0, 0, 0, 1]));
        Assert.False(b.Driver.SetMacAddress(new byte[6]));
        Assert.Equal(bytes, b.Driver.MacAddress);
        b.Device.Endpoint.Reset();
        Assert.Equal(TestFrame.Mac(2), b.Mac);
    }

    [Fact]
    public void V059_The_operator_s_address_stands()
    {
        VfPolicy policy = VfPolicy.Default with { Mac = TestFrame.Mac(0x50) };
        using var b = new Guest(_switch, 2, new NetDriverOptions { Features = All }, null, policy);
        byte[] own = b.Driver.MacAddress;
        Assert.True(b.Driver.SetMacAddress(own), "setting what is there is no change");
        own[5]++;
        Assert.False(b.Driver.SetMacAddress(own));
        Assert.Equal(TestFrame.Mac(0x50), b.Mac);
    }

    [Fact]
    public void V063_Announce_is_asked_for_once_and_acknowledged()
    {
        using Guest a = Make(1, All);
        a.Device.Messages.Clear();
        Assert.True(a.Device.Function.RequestAnnounce());
        Assert.Equal([0], a.Device.Messages);
        Assert.Equal(3u, a.Device.ReadDevice(6, 2));
        Assert.Equal(Ok, a.Command(3, 0));
        Assert.Equal(1u, a.Device.ReadDevice(6, 2));
        a.Device.Function.RequestAnnounce();
        a.Device.Status = 0;
        Assert.Equal(1u, a.Device.ReadDevice(6, 2));
    }

    [Fact]
    public void Coalescing_is_kept_by_queue_and_comes_back_after_a_queue_reset()
    {
        using Guest a = Make(1, All | VirtioFeature.RingReset, pairs: 2);
        Assert.Equal(Ok, a.Command(6, 0, Parameters(4, 100)));
        Assert.Equal(Ok, a.Command(6, 2, [1, 0, 0, 0, .. Parameters(7, 70)]));
        Assert.Equal((7u, 70u), CoalescingOf(a, 1));
        Assert.Equal((4u, 100u), CoalescingOf(a, 3));
        Assert.Equal((0u, 0u), CoalescingOf(a, 0));
        a.Driver.Transport.ResetQueue(1);
        Assert.Equal((4u, 100u), CoalescingOf(a, 1));
    }

    [Theory]
    [InlineData(4)]
    [InlineData(5)]
    [InlineData(0xFFFF)]
    public void Coalescing_of_a_queue_that_is_not_for_frames_is_an_error(int queue)
    {
        using Guest a = Make(1, All, pairs: 2);
        byte[] index = [(byte)queue, (byte)(queue >> 8), 0, 0];
        Assert.Equal(Error, a.Command(6, 2, [.. index, .. Parameters(1, 1)]));
        Assert.Equal(Error, a.Command(6, 3, index));
    }

    [Fact]
    public void Coalescing_of_a_queue_that_was_reset_is_an_error()
    {
        using Guest a = Make(1, All | VirtioFeature.RingReset);
        a.Driver.Transport.ResetQueue(1);
        Assert.Equal(Error, a.Command(6, 2, [1, 0, 0, 0, .. Parameters(1, 1)]));
    }

    [Fact]
    public void Interrupts_are_held_back_until_enough_packets_or_enough_time()
    {
        using Guest a = Make(1, RingKind.Basic);
        using Guest b = Make(2, All);
        NetDriverPair pair = b.Driver.Pairs[0];
        Assert.Equal(Ok, b.Command(6, 1, Parameters(3, 1_000_000)));
        b.Device.Messages.Clear();
        pair.Receive.ArmInterrupts();
        a.Send(TestFrame.Plain(b.Mac, a.Mac));
        a.Send(TestFrame.Plain(b.Mac, a.Mac));
        Assert.Empty(b.Device.Messages);
        a.Send(TestFrame.Plain(b.Mac, a.Mac));
        Assert.Equal([1], b.Device.Messages);
        a.Send(TestFrame.Plain(b.Mac, a.Mac));
        Assert.Equal([1], b.Device.Messages);
        b.Device.Context.NowTicks = TimeProvider.System.GetTimestamp() + (2 * TimeProvider.System.TimestampFrequency);
        b.Device.Poll();
        Assert.Equal([1, 1], b.Device.Messages);
    }

    [Fact]
    public void A_driver_that_never_stops_is_throttled_and_comes_on()
    {
        using var net = new NetEndpoint();
        using DriverMemory memory = DriverMemory.CreatePrivate(1 << 20);
        net.MapMemory(memory);
        net.Negotiate(VirtioFeatures.CtrlVq | VirtioFeatures.CtrlRx);
        DriverVirtqueue ring = DriverVirtqueue.Create(memory, 512, RingFeatures.None);
        ulong buffer = memory.Allocate(16);
        for (int i = 0; i < 200; i++)
            ring.TryAddChain([new DriverBuffer(buffer, 3)], [new DriverBuffer(buffer + 8, 1)], 0);
        ring.Publish();
        net.SetQueue(2, TransferTests.LayoutOf(ring));
        net.Status = 15;
        Span<UsedBuffer> used = stackalloc UsedBuffer[512];
        net.Settle();
        Assert.Equal(64, ring.Collect(used));
        Assert.False(net.Function.Device.Pollables.Last().Arm(net.Context), "a poller must not spin on it");
        net.Context.NowTicks += TimeProvider.System.TimestampFrequency / 100;
        net.Settle();
        Assert.Equal(64, ring.Collect(used));
        for (int i = 0; i < 2; i++)
        {
            net.Context.NowTicks += TimeProvider.System.TimestampFrequency / 100;
            net.Settle();
        }

        Assert.Equal(72, ring.Collect(used));
    }

    private static byte[] Parameters(uint packets, uint microseconds) =>
        [.. BitConverter.GetBytes(packets), .. BitConverter.GetBytes(microseconds)];

    private static byte[] Table(MacAddress[] unicast, MacAddress[] multicast)
    {
        var bytes = new List<byte>();
        foreach (MacAddress[] half in new[] { unicast, multicast })
        {
            bytes.AddRange(BitConverter.GetBytes(half.Length));
            foreach (MacAddress address in half)
            {
                byte[] six = new byte[6];
                address.CopyTo(six);
                bytes.AddRange(six);
            }
        }

        return [.. bytes];
    }

    private static (uint Packets, uint Microseconds) CoalescingOf(Guest guest, int queue)
    {
        CoalescingState state = guest.Device.Function.Device.State.Coalescing[queue];
        return (state.MaxPackets, state.MaxMicroseconds);
    }

    private static bool Reaches(Guest from, Guest to, MacAddress destination) => Reaches(from, to, TestFrame.Plain(destination, from.Mac));

    private static bool ReachesTagged(Guest from, Guest to, int vlan) =>
        Reaches(from, to, TestFrame.Tagged(TestFrame.Plain(to.Mac, from.Mac), vlan));

    private static bool Reaches(Guest from, Guest to, byte[] frame)
    {
        from.Send(frame);
        byte[]? received = to.Receive(out _);
        Assert.True(received is null || received.AsSpan().SequenceEqual(frame));
        return received is not null;
    }

    private Guest Make(int function, VirtioFeature features, int pairs = 1)
    {
        var options = new NetDriverOptions { Features = features, RingSize = 64, QueuePairs = pairs };
        return new Guest(_switch, function, options);
    }
}
