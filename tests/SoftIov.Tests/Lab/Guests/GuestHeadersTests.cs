using SoftIov.Lab.Guests;
using Xunit;

namespace SoftIov.Tests.Lab.Guests;

/// <summary>Headers written are read back, wrong ones are refused.</summary>
public sealed class GuestHeadersTests
{
    private static readonly Ipv4Address Source = Ipv4Address.Parse("10.0.0.1");
    private static readonly Ipv4Address Destination = Ipv4Address.Parse("10.0.0.2");

    [Fact]
    public void Checksum_OfTheExampleInRfc1071()
    {
        // RFC 1071, 3: the sum of these bytes is ddf2h.
        Assert.Equal(0xFFFF - 0xDDF2, InternetChecksum.Of([0x00, 0x01, 0xF2, 0x03, 0xF4, 0xF5, 0xF6, 0xF7]));
        Assert.Equal(0xFFFF - 0x0100, InternetChecksum.Of([1]));
    }

    [Fact]
    public void Ipv4_IsReadBack_WithoutPadding()
    {
        var header = new Ipv4Header(Source, Destination, Ipv4Header.Icmp, 3);
        var packet = new byte[46];
        header.Write(packet);

        Assert.True(Ipv4Header.TryRead(packet, out Ipv4Header read, out ReadOnlySpan<byte> payload));
        Assert.Equal(header, read);
        Assert.Equal(3, payload.Length);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(3)]
    [InlineData(6)]
    [InlineData(12)]
    public void Ipv4_WithAnyWrongByte_IsRefused(int offset)
    {
        var packet = new byte[46];
        new Ipv4Header(Source, Destination, Ipv4Header.Icmp, 3).Write(packet);
        packet[offset] ^= 0x20;

        Assert.False(Ipv4Header.TryRead(packet, out _, out _));
    }

    [Fact]
    public void Ipv4_LongerThanItsFrame_IsRefused()
    {
        var packet = new byte[40];
        new Ipv4Header(Source, Destination, Ipv4Header.Icmp, 21).Write(packet);

        Assert.False(Ipv4Header.TryRead(packet, out _, out _));
        Assert.False(Ipv4Header.TryRead(packet.AsSpan(0, 19), out _, out _));
    }

    [Theory]
    [InlineData((byte)TcpFlags.Syn, 28)]
    [InlineData((byte)(TcpFlags.Acknowledge | TcpFlags.Push), 20)]
    public void Tcp_IsReadBack_OptionsSkipped(byte flags, int length)
    {
        var header = new TcpHeader(1, 2, 3, 4, (TcpFlags)flags, 5);
        var segment = new byte[length + 7];
        header.Write(segment);

        Assert.Equal(length, header.WrittenLength);
        Assert.True(TcpHeader.TryRead(segment, out TcpHeader read, out ReadOnlySpan<byte> payload));
        Assert.Equal(header, read);
        Assert.Equal(7, payload.Length);
        Assert.False(TcpHeader.TryRead(segment.AsSpan(0, length - 1), out _, out _));
    }

    [Fact]
    public void Arp_IsReadBack()
    {
        var message = new ArpMessage(ArpMessage.Reply, new EthernetAddress(0x020000000001), Source, EthernetAddress.Broadcast, Destination);
        var bytes = new byte[46];
        message.Write(bytes);

        Assert.True(ArpMessage.TryRead(bytes, out ArpMessage read));
        Assert.Equal(message, read);
        bytes[1] = 6;
        Assert.False(ArpMessage.TryRead(bytes, out _));
    }

    [Fact]
    public void Stream_TakesWhatIsNext_AndRefusesWrongBytes()
    {
        var stream = new IncomingStream(sendSequence: 0, expected: uint.MaxValue);
        TcpHeader At(uint sequence) => new(1, 2, sequence, 0, TcpFlags.Acknowledge, 0);

        Assert.True(stream.TryTake(At(uint.MaxValue), StreamPattern.At(0, 1000)));
        Assert.Equal(999u, stream.Expected);
        Assert.True(stream.TryTake(At(uint.MaxValue), StreamPattern.At(0, 1000)));
        Assert.True(stream.TryTake(At(1500), StreamPattern.At(1501, 10)));
        Assert.Equal(999u, stream.Expected);
        Assert.False(stream.TryTake(At(999), StreamPattern.At(1001, 10)));
    }

    [Fact]
    public void Addresses_AreParsedAndPrinted()
    {
        Assert.Equal("10.0.0.1", Source.ToString());
        Assert.True(Source.IsNeighbourOf(Destination));
        Assert.False(Source.IsNeighbourOf(Ipv4Address.Parse("10.0.1.1")));
        Assert.Throws<FormatException>(() => Ipv4Address.Parse("::1"));
        Assert.Equal("02:00:00:00:00:01", new EthernetAddress(0x020000000001).ToString());
    }
}
