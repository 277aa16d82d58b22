using System.Buffers.Binary;
using System.Net;
using SoftIov.Datapath;
using SoftIov.Devices.Virtio.Net;
using SoftIov.Devices.Virtio.Spec;
using SoftIov.Lab.Virtio;
using SoftIov.Tests.Datapath;
using Xunit;

namespace SoftIov.Tests.Devices;

/// <summary>Which receive queue a frame goes to, and what its header says of the hash.</summary>
public class SteeringTests
{
    private const int Pairs = 4;
    private const VirtioFeature Features = RingKind.Basic | VirtioFeature.CtrlVq | VirtioFeature.Mq | VirtioFeature.Rss | VirtioFeature.HashReport;

    private static readonly byte[] MicrosoftKey = Convert.FromHexString(
        "6d5a56da255b0ec24167253d43a38fb0d0ca2bcbae7b30b477cb2da38030f20c6a42b73bbeac01fa");

    private readonly VirtualSwitch _switch = new(TimeProvider.System);

    /// <summary>Verification suite of the receive side scaling documentation: source, destination, ports, hash with ports, hash without.</summary>
    public static TheoryData<string, int, string, int, uint, uint> MicrosoftVectors() => new()
    {
        { "66.9.149.187", 2794, "161.142.100.80", 1766, 0x51cc_c178, 0x323e_8fc2 },
        { "199.92.111.2", 14230, "65.69.140.83", 4739, 0xc626_b0ea, 0xd718_262a },
        { "24.19.198.95", 12898, "12.22.207.184", 38024, 0x5c2b_394a, 0xd2d0_a5de },
        { "38.27.205.30", 48228, "209.142.163.6", 2217, 0xafc7_327f, 0x8298_9176 },
        { "153.39.163.191", 44251, "202.188.127.2", 1303, 0x10e8_28a2, 0x5d18_09c5 },
        { "3ffe:2501:200:1fff::7", 2794, "3ffe:2501:200:3::1", 1766, 0x4020_7d3d, 0x2cc1_8cd5 },
        { "3ffe:501:8::260:97ff:fe40:efab", 14230, "ff02::1", 4739, 0xdde5_1bbf, 0x0f0c_461c },
        { "3ffe:1900:4545:3:200:f8ff:fe21:67cf", 44251, "fe80::200:f8ff:fe21:67cf", 38024, 0x02d1_feef, 0x4b61_e985 },
    };

    [Theory]
    [MemberData(nameof(MicrosoftVectors))]
    public void V061_Toeplitz_gives_the_published_hashes(string source, int sourcePort, string target, int targetPort, uint withPorts, uint plain)
    {
        byte[] addresses = [.. IPAddress.Parse(source).GetAddressBytes(), .. IPAddress.Parse(target).GetAddressBytes()];
        byte[] ports = [(byte)(sourcePort >> 8), (byte)sourcePort, (byte)(targetPort >> 8), (byte)targetPort];
        var table = new ToeplitzTable();
        table.SetKey(MicrosoftKey);
        Assert.Equal(plain, table.Hash(addresses));
        Assert.Equal(withPorts, table.Hash([.. addresses, .. ports]));
    }

    [Theory]
    [MemberData(nameof(MicrosoftVectors))]
    public void V062_The_header_reports_value_and_type(string source, int sourcePort, string target, int targetPort, uint withPorts, uint plain)
    {
        using Guest a = Make(1);
        using Guest b = Make(2);
        bool v6 = source.Contains(':', StringComparison.Ordinal);
        foreach (bool tcp in new[] { true, false })
        {
            byte[] frame = Packet(v6, tcp, source, sourcePort, target, targetPort);
            Assert.Equal(0, Configure(b, HashTypes.Supported));
            Assert.Equal((withPorts, v6 ? tcp ? 5 : 6 : tcp ? 2 : 3), ReportOf(a, b, frame));
            Assert.Equal(0, Configure(b, HashTypes.IPv4 | HashTypes.IPv6));
            Assert.Equal((plain, v6 ? 4 : 1), ReportOf(a, b, frame));
            Assert.Equal(0, Configure(b, v6 ? HashTypes.TcpV4 : HashTypes.TcpV6));
            Assert.Equal((0u, 0), ReportOf(a, b, frame));
        }
    }

    [Fact]
    public void V062_Tagged_frames_are_hashed_by_what_is_inside()
    {
        using Guest a = Make(1);
        using Guest b = Make(2);
        Configure(b, HashTypes.Supported);
        byte[] frame = Packet(false, true, "66.9.149.187", 2794, "161.142.100.80", 1766);
        Assert.Equal((0x51cc_c178u, 2), ReportOf(a, b, TestFrame.Tagged(frame, 5)));
    }

    [Fact]
    public void V062_Fragments_are_hashed_by_their_addresses()
    {
        using Guest a = Make(1);
        using Guest b = Make(2);
        Configure(b, HashTypes.Supported);
        byte[] frame = Packet(false, false, "66.9.149.187", 2794, "161.142.100.80", 1766);
        frame[20] = 0x20;
        Assert.Equal((0x323e_8fc2u, 1), ReportOf(a, b, frame));
    }

    [Fact]
    public void V061_The_table_chooses_by_the_low_bits_of_the_hash()
    {
        using Guest a = Make(1);
        using Guest b = Make(2);
        ushort[] table = [3, 1, 0, 2, 2, 0, 1, 3];
        Assert.Equal(0, Configure(b, HashTypes.Supported, table, unclassified: 3));
        var toeplitz = new ToeplitzTable();
        toeplitz.SetKey(MicrosoftKey);
        for (int port = 1; port < 100; port++)
        {
            byte[] frame = Packet(false, true, "10.0.0.1", port, "10.0.0.2", 80);
            uint hash = toeplitz.Hash([.. frame[26..34], .. frame[34..38]]);
            Assert.Equal(table[hash & 7], QueueOf(a, b, frame));
        }
    }

    [Fact]
    public void V061_What_has_no_hash_goes_to_the_unclassified_queue()
    {
        using Guest a = Make(1);
        using Guest b = Make(2);
        Assert.Equal(0, Configure(b, HashTypes.TcpV4, [0, 0], unclassified: 2));
        Assert.Equal(2, QueueOf(a, b, TestFrame.Plain(b.Mac, a.Mac)));
        Assert.Equal(2, QueueOf(a, b, Packet(false, false, "10.0.0.1", 1, "10.0.0.2", 2)));
        Assert.Equal(0, QueueOf(a, b, Packet(false, true, "10.0.0.1", 1, "10.0.0.2", 2)));
    }

    [Theory]
    [InlineData(3, 0, 1, 40)]
    [InlineData(4, 4, 1, 40)]
    [InlineData(4, 0, 0, 40)]
    [InlineData(4, 0, 5, 40)]
    [InlineData(4, 0, 1, 41)]
    [InlineData(4, 0, 1, 0)]
    public void V061_A_configuration_that_cannot_be_is_an_error(int entries, ushort unclassified, ushort transmit, byte keyLength)
    {
        using Guest b = Make(2);
        byte[] command = Rss(HashTypes.Supported, new ushort[entries], unclassified, transmit, MicrosoftKey, keyLength);
        Assert.Equal(1, b.Command(4, 1, command));
        Assert.Equal(0, b.Command(4, 1, Rss(HashTypes.Supported, [0, 1, 2, 3], 0, 1, MicrosoftKey, 40)));
        Assert.Equal(1, b.Command(4, 1, Rss(HashTypes.Supported, [0, 4], 0, 1, MicrosoftKey, 40)));
        Assert.Equal(1, b.Command(4, 1, Rss((HashTypes)0x40, [0, 1], 0, 1, MicrosoftKey, 40)));
        Assert.Equal(1, b.Command(4, 1, Rss(HashTypes.Supported, new ushort[256], 0, 1, MicrosoftKey, 40)));
        Assert.Equal(0, b.Command(4, 1, Rss(HashTypes.Supported, new ushort[128], 0, 1, MicrosoftKey, 40)));
    }

    [Fact]
    public void V061_A_shorter_key_is_padded_with_zeros()
    {
        using Guest a = Make(1);
        using Guest b = Make(2);
        Assert.Equal(0, b.Command(4, 1, Rss(HashTypes.Supported, [0], 0, 1, MicrosoftKey, 16)));
        var toeplitz = new ToeplitzTable();
        toeplitz.SetKey([.. MicrosoftKey[..16], .. new byte[24]]);
        byte[] frame = Packet(false, true, "10.0.0.1", 1, "10.0.0.2", 2);
        Assert.Equal((toeplitz.Hash([.. frame[26..34], .. frame[34..38]]), 2), ReportOf(a, b, frame));
    }

    [Fact]
    public void V060_Flows_come_in_where_they_went_out()
    {
        using Guest a = Make(1);
        using Guest b = Make(2);
        for (int port = 1; port <= 60; port++)
        {
            int pair = port % Pairs;
            b.Send(Packet(false, true, "10.0.0.2", 80, "10.0.0.1", port, from: 2, to: 1), pair: pair);
            Assert.Equal(pair, QueueOf(a, b, Packet(false, true, "10.0.0.1", port, "10.0.0.2", 80)));
        }
    }

    [Fact]
    public void V060_Pairs_that_are_switched_off_get_nothing_and_are_still_drained()
    {
        using Guest a = Make(1);
        using Guest b = Make(2);
        b.Send(Packet(false, true, "10.0.0.2", 80, "10.0.0.1", 7, from: 2, to: 1), pair: 3);
        Assert.Equal(3, QueueOf(a, b, Packet(false, true, "10.0.0.1", 7, "10.0.0.2", 80)));
        a.Drain();
        Assert.True(b.Driver.SetQueuePairs(2));
        for (int port = 1; port < 100; port++)
            Assert.InRange(QueueOf(a, b, Packet(false, true, "10.0.0.1", port, "10.0.0.2", 80)), 0, 1);
        b.Send(TestFrame.Plain(a.Mac, b.Mac), pair: 3);
        Assert.Equal(1, a.Drain());
        Assert.True(b.Driver.SetQueuePairs(1));
        for (int port = 1; port < 20; port++)
            Assert.Equal(0, QueueOf(a, b, Packet(false, true, "10.0.0.1", port, "10.0.0.2", 80)));
    }

    [Fact]
    public void V060_Pairs_are_set_from_one_to_the_most()
    {
        using Guest b = Make(2);
        Assert.Equal([false, true, true, true, true, false], Enumerable.Range(0, 6).Select(b.Driver.SetQueuePairs));
        Assert.Equal(Pairs, b.Device.Function.Status.ActivePairs);
        Assert.Equal(2 * Pairs, b.Driver.ControlIndex);
    }

    [Fact]
    public void V060_Setting_pairs_ends_rss()
    {
        using Guest a = Make(1);
        using Guest b = Make(2);
        Configure(b, HashTypes.Supported, [3], unclassified: 3);
        Assert.Equal(3, QueueOf(a, b, TestFrame.Plain(b.Mac, a.Mac)));
        Assert.True(b.Driver.SetQueuePairs(1));
        Assert.Equal(0, QueueOf(a, b, TestFrame.Plain(b.Mac, a.Mac)));
    }

    [Fact]
    public void V060_A_reset_goes_back_to_one_pair()
    {
        using Guest b = Make(2);
        Configure(b, HashTypes.Supported, [3], unclassified: 3);
        b.Driver.Transport.Reset();
        Assert.Equal(1, b.Device.Function.Status.ActivePairs);
        Assert.Equal(0, b.Device.Function.Device.State.Steering.UsesRss);
    }

    [Fact]
    public void Rss_and_hash_report_are_offered_where_there_is_a_choice_of_queues()
    {
        using var net = new NetEndpoint();
        Assert.Equal((VirtioFeatures)0, net.Offered & (VirtioFeatures.Rss | VirtioFeatures.Mq | VirtioFeatures.HashReport));
    }

    private static byte Configure(Guest guest, HashTypes types, ushort[]? table = null, ushort unclassified = 0) =>
        guest.Command(4, 1, Rss(types, table ?? [0], unclassified, Pairs, MicrosoftKey, 40));

    private static byte[] Rss(HashTypes types, ushort[] table, ushort unclassified, ushort transmit, byte[] key, byte keyLength)
    {
        byte[] command = new byte[8 + (2 * table.Length) + 3 + keyLength];
        BinaryPrimitives.WriteUInt32LittleEndian(command, (uint)types);
        BinaryPrimitives.WriteUInt16LittleEndian(command.AsSpan(4), (ushort)(table.Length - 1));
        BinaryPrimitives.WriteUInt16LittleEndian(command.AsSpan(6), unclassified);
        for (int i = 0; i < table.Length; i++)
            BinaryPrimitives.WriteUInt16LittleEndian(command.AsSpan(8 + (2 * i)), table[i]);
        int at = 8 + (2 * table.Length);
        BinaryPrimitives.WriteUInt16LittleEndian(command.AsSpan(at), transmit);
        command[at + 2] = keyLength;
        key.AsSpan(0, Math.Min(key.Length, keyLength)).CopyTo(command.AsSpan(at + 3));
        return command;
    }

    private static (uint Value, int Type) ReportOf(Guest from, Guest to, byte[] frame)
    {
        from.Send(frame);
        for (int pair = 0; pair < Pairs; pair++)
        {
            if (to.Receive(out FrameHeader header, pair) is not null)
                return (header.HashValue, header.HashReport);
        }

        throw new InvalidOperationException("nothing came");
    }

    private static int QueueOf(Guest from, Guest to, byte[] frame)
    {
        from.Send(frame);
        int[] queues = [.. Enumerable.Range(0, Pairs).Where(pair => to.Receive(out _, pair) is not null)];
        return Assert.Single(queues);
    }

    private static byte[] Packet(
        bool v6, bool tcp, string source, int sourcePort, string target, int targetPort, int from = 1, int to = 2)
    {
        byte[] frame = v6 ? TestPacket.IPv6(tcp, 20) : TestPacket.IPv4(tcp, 20);
        TestFrame.Mac(to).CopyTo(frame);
        TestFrame.Mac(from).CopyTo(frame.AsSpan(6));
        byte[] addresses = [.. IPAddress.Parse(source).GetAddressBytes(), .. IPAddress.Parse(target).GetAddressBytes()];
        addresses.CopyTo(frame, v6 ? 22 : 26);
        int ports = v6 ? 54 : 34;
        BinaryPrimitives.WriteUInt16BigEndian(frame.AsSpan(ports), (ushort)sourcePort);
        BinaryPrimitives.WriteUInt16BigEndian(frame.AsSpan(ports + 2), (ushort)targetPort);
        return frame;
    }

    private Guest Make(int function)
    {
        var options = new NetDriverOptions { Features = Features, RingSize = 64, QueuePairs = Pairs };
        return new Guest(_switch, function, options);
    }
}
