using System.Buffers.Binary;
using System.Net;
using System.Net.Sockets;
using SoftIov.Tests.Linux;
using Xunit;

namespace SoftIov.Tests.Transports;

/// <summary>An independent look at an interface: a plain packet socket of the runtime that sends and receives whole frames.</summary>
internal sealed class PacketProbe : IDisposable
{
    private const int EthPAll = 3;
    private const int AfPacket = 17;

    private readonly Socket _socket;

    public PacketProbe(NetworkNamespace host, string name)
    {
        int index = int.Parse(host.Ip($"-o link show {name}").Split(':')[0], System.Globalization.CultureInfo.InvariantCulture);
        _socket = host.Run(() => new Socket(AddressFamily.Packet, SocketType.Raw, (ProtocolType)BinaryPrimitives.ReverseEndianness((short)EthPAll)));
        _socket.Bind(new LinkEndPoint(index));
        _socket.ReceiveTimeout = 20_000;
    }

    public void Send(byte[] frame) => Assert.Equal(frame.Length, _socket.Send(frame));

    /// <summary>Waits for a frame.</summary>
    public byte[] WaitFor(Predicate<byte[]> wanted)
    {
        byte[] buffer = new byte[70_000];
        while (true)
        {
            int length = _socket.Receive(buffer);
            if (length >= 14 && buffer.AsSpan(0, length).ToArray() is var frame && wanted(frame))
            {
                return frame;
            }
        }
    }

    public void Dispose() => _socket.Dispose();

    private sealed class LinkEndPoint(int index) : EndPoint
    {
        public override AddressFamily AddressFamily => AddressFamily.Packet;

        public override SocketAddress Serialize()
        {
            var address = new SocketAddress(AddressFamily.Packet, 20);
            address[0] = AfPacket;
            address[1] = 0;
            address[3] = EthPAll;
            for (int i = 0; i < 4; i++)
            {
                address[4 + i] = (byte)(index >> (8 * i));
            }

            return address;
        }
    }
}
