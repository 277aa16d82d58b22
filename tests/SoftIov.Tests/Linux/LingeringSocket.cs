using System.Net;
using System.Net.Sockets;
using SoftIov.Linux;
using Xunit;

namespace SoftIov.Tests.Linux;

/// <summary>A socket full of data that nobody reads: whoever closes it last waits.</summary>
internal static class LingeringSocket
{
    /// <summary>The other ends, which nobody reads from.</summary>
    private static readonly List<Socket> Deaf = [];

    /// <summary>Sends it so many times behind a descriptor that is wanted. The receiver is its last owner then.</summary>
    public static void SendAndDispose(UnixStream stream, FileDescriptor wanted, int count)
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        socket.Connect(listener.LocalEndpoint);
        Deaf.Add(listener.AcceptSocket());
        socket.LingerState = new LingerOption(enable: true, seconds: 600);
        socket.Blocking = false;
        byte[] much = new byte[1 << 16];
        while (socket.Send(much, SocketFlags.None, out SocketError error) >= 0 && error == SocketError.Success)
        {
        }

        Assert.True(stream.Send([1], [wanted.Number, .. Enumerable.Repeat((int)socket.Handle, count)]).Ok);
        using (var own = new FileDescriptor((int)socket.Handle))
            socket.SafeHandle.SetHandleAsInvalid();
    }
}
