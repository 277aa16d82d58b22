using System.Buffers.Binary;
using SoftIov.Datapath;
using Xunit;

namespace SoftIov.Tests.Datapath;

/// <summary>
/// TCP and UDP packets as a driver with offloads hands them over, and the arithmetic to check what came of them, written here once more and
/// differently from the product's.
/// </summary>
internal static class TestPacket
{
    public const byte Fin = 0x01, Psh = 0x08, Ack = 0x10, Cwr = 0x80;

    public static byte[] IPv4(bool tcp, int payload, byte flags = Ack, int options = 0) => Build(tcp, payload, flags, options, v6: false, []);

    public static byte[] IPv6(bool tcp, int payload, byte flags = Ack, int options = 0, params byte[] extension) =>
        Build(tcp, payload, flags, options, v6: true, extension);

    public static FrameOffload Offload(byte[] frame, GsoType gso = GsoType.None, int gsoSize = 0, bool ecn = false, int hint = 0)
    {
        (int transport, int payload, bool tcp) = Locate(frame);
        return new FrameOffload
        {
            NeedsChecksum = true,
            ChecksumStart = (ushort)transport,
            ChecksumOffset = (ushort)(tcp ? 16 : 6),
            Gso = gso,
            GsoSize = (ushort)gsoSize,
            Ecn = ecn,
            HeaderLength = (ushort)(hint == 0 ? payload : hint),
        };
    }

    /// <summary>Transport header, payload, and whether it is TCP: for the packets built here, tags in front allowed.</summary>
    public static (int Transport, int Payload, bool Tcp) Locate(byte[] frame)
    {
        int at = 12;
        while (Read(frame, at) is 0x8100 or 0x88A8)
        {
            at += 4;
        }

        int network = at + 2;
        bool v6 = Read(frame, at) == 0x86DD;
        int protocol = v6 ? frame[network + 6] : frame[network + 9];
        int transport = network + (v6 ? 40 : (frame[network] & 15) * 4);
        if (protocol == 60)
        {
            protocol = frame[transport];
            transport += (frame[transport + 1] + 1) * 8;
        }

        return (transport, transport + (protocol == 6 ? (frame[transport + 12] >> 4) * 4 : 8), protocol == 6);
    }

    /// <summary>Checks lengths and checksums of a complete packet.</summary>
    public static void AssertSound(byte[] frame)
    {
        (int transport, _, bool tcp) = Locate(frame);
        int network = Network(frame);
        bool v6 = frame[network] >> 4 == 6;
        int length = frame.Length - transport;
        if (v6)
        {
            Assert.Equal(frame.Length - network - 40, Read(frame, network + 4));
        }
        else
        {
            Assert.Equal(frame.Length - network, Read(frame, network + 2));
            Assert.Equal(0xFFFF, Sum(frame.AsSpan(network..transport)));
        }

        if (!tcp)
        {
            Assert.Equal(length, Read(frame, transport + 4));
            Assert.NotEqual(0, Read(frame, transport + 6));
        }

        Assert.Equal(0xFFFF, Sum([.. Pseudo(frame, network, v6, tcp, length), .. frame[transport..]]));
    }

    public static int Network(byte[] frame)
    {
        int at = 12;
        while (Read(frame, at) is 0x8100 or 0x88A8)
        {
            at += 4;
        }

        return at + 2;
    }

    public static int Read(byte[] frame, int at) => frame[at] << 8 | frame[at + 1];

    public static uint Sequence(byte[] frame) => BinaryPrimitives.ReadUInt32BigEndian(frame.AsSpan(Locate(frame).Transport + 4));

    public static byte Flags(byte[] frame) => frame[Locate(frame).Transport + 13];

    /// <summary>Writes the sum of the pseudo-header into the checksum field, as a driver does that leaves the rest to the device.</summary>
    public static void WritePartialChecksum(byte[] frame)
    {
        (int transport, _, bool tcp) = Locate(frame);
        int network = Network(frame);
        int field = transport + (tcp ? 16 : 6);
        int sum = Sum(Pseudo(frame, network, frame[network] >> 4 == 6, tcp, frame.Length - transport));
        BinaryPrimitives.WriteUInt16BigEndian(frame.AsSpan(field), (ushort)sum);
    }

    public static int Sum(ReadOnlySpan<byte> bytes)
    {
        long sum = 0;
        for (int i = 0; i < bytes.Length; i++)
        {
            sum += i % 2 == 0 ? bytes[i] * 256 : bytes[i];
        }

        while (sum > 0xFFFF)
        {
            sum = sum % 0x10000 + sum / 0x10000;
        }

        return (int)sum;
    }

    private static byte[] Pseudo(byte[] frame, int network, bool v6, bool tcp, int length)
    {
        byte protocol = (byte)(tcp ? 6 : 17);
        return v6
            ? [.. frame[(network + 8)..(network + 40)], (byte)(length >> 24),
               (byte)(length >> 16), (byte)(length >> 8), (byte)length, 0, 0, 0, protocol]
            : [.. frame[(network + 12)..(network + 20)], 0, protocol, (byte)(length >> 8), (byte)length];
    }

    private static byte[] Build(bool tcp, int payload, byte flags, int options, bool v6, byte[] extension)
    {
        byte[] network = v6 ? NetworkV6(tcp, extension) : NetworkV4(tcp);
        byte[] transport = tcp ? new byte[20 + options] : new byte[8];
        transport[0] = 0x12;
        transport[3] = 80;
        if (tcp)
        {
            BinaryPrimitives.WriteUInt32BigEndian(transport.AsSpan(4), 0xFFFF_FF00);
            transport[12] = (byte)(transport.Length / 4 << 4);
            transport[13] = flags;
            transport.AsSpan(20).Fill(1);
        }

        byte[] data = new byte[payload];
        new Random(payload).NextBytes(data);
        byte[] frame =
        [
            .. TestFrame.Plain(TestFrame.Mac(2), TestFrame.Mac(1), 14, v6 ? EtherType.IPv6 : EtherType.IPv4),
            .. network, .. transport, .. data,
        ];
        int lengthAt = v6 ? 18 : 16;
        BinaryPrimitives.WriteUInt16BigEndian(frame.AsSpan(lengthAt), (ushort)(frame.Length - (v6 ? 54 : 14)));
        if (!tcp)
        {
            BinaryPrimitives.WriteUInt16BigEndian(frame.AsSpan(14 + network.Length + 4), (ushort)(8 + payload));
        }

        if (!v6)
        {
            BinaryPrimitives.WriteUInt16BigEndian(frame.AsSpan(24), (ushort)~Sum(frame.AsSpan(14, 20)));
        }

        WritePartialChecksum(frame);
        return frame;
    }

    private static byte[] NetworkV4(bool tcp) => [0x45, 0, 0, 0, 0xFF, 0xFE, 0x40, 0, 64, (byte)(tcp ? 6 : 17), 0, 0, 10, 0, 0, 1, 10, 0, 0, 2];

    private static byte[] NetworkV6(bool tcp, byte[] extension)
    {
        byte[] header = new byte[40];
        header[0] = 0x60;
        byte protocol = (byte)(tcp ? 6 : 17);
        header[6] = extension.Length == 0 ? protocol : (byte)60;
        header[7] = 64;
        for (int i = 8; i < 40; i++)
        {
            header[i] = (byte)(i * 11);
        }

        byte[] options = [.. extension];
        if (options.Length > 0)
        {
            options[0] = protocol;
            options[1] = (byte)((options.Length / 8) - 1);
        }

        return [.. header, .. options];
    }
}
