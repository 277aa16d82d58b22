using System.Net;
using System.Net.Sockets;
using SoftIov.Tests.Linux;

namespace SoftIov.Tests.Transports;

/// <summary>Datagrams sent and received by the kernel of a namespace, with the checksums and segments it likes to make.</summary>
internal sealed class KernelClient : IDisposable
{
    private readonly Socket _socket;

    public KernelClient(NetworkNamespace host)
    {
        _socket = host.Run(() => new Socket(AddressFamily.InterNetwork, SocketType.Dgram, ProtocolType.Udp));
        _socket.ReceiveTimeout = 20_000;
    }

    public void SendUdp(string to, int bytes) => _socket.SendTo(new byte[bytes], new IPEndPoint(IPAddress.Parse(to), 7));

    public void Listen(int port) => _socket.Bind(new IPEndPoint(IPAddress.Any, port));

    /// <summary>Receives datagrams until so many bytes came.</summary>
    public byte[] Receive(int bytes)
    {
        byte[] all = new byte[bytes];
        for (int at = 0; at < bytes;)
        {
            at += _socket.Receive(all.AsSpan(at));
        }

        return all;
    }

    public void Dispose() => _socket.Dispose();
}
