using System.Net;
using System.Net.Sockets;
using SoftIov.Linux;
using Xunit;

namespace SoftIov.Tests.Linux;

/// <summary>What a client sends that nobody wants is closed, and nobody waits for that.</summary>
public sealed class UnclaimedDescriptorTests
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    [Theory]
    [InlineData(2)]
    [InlineData(32)]
    public async Task Who_receives_does_not_wait_for_a_socket_that_lingers(int count)
    {
        (UnixStream client, UnixStream server) = UnixStream.Pair();
        using UnixStream first = client;
        using UnixStream second = server;
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        var lingering = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        lingering.Connect(listener.LocalEndpoint);
        using Socket deaf = listener.AcceptSocket();
        lingering.LingerState = new LingerOption(enable: true, seconds: 600);
        lingering.Blocking = false;
        byte[] much = new byte[1 << 16];
        while (lingering.Send(much, SocketFlags.None, out SocketError error) >= 0 && error == SocketError.Success)
        {
        }

        using FileDescriptor pipe = MemoryFile.Create("wanted", 4096);
        int[] numbers = [pipe.Number, .. Enumerable.Repeat((int)lingering.Handle, count - 1)];
        Assert.True(first.Send([1], numbers).Ok);

        // With its last owner here it is the receiver who would wait for data that nobody reads.
        using (var own = new FileDescriptor((int)lingering.Handle))
            lingering.SafeHandle.SetHandleAsInvalid();
        var room = new FileDescriptor?[1];
        bool isLost = false;
        Task receiving = Task.Run(() => second.Receive(new byte[1], default, room, out _, out isLost));
        await receiving.WaitAsync(Patience);
        Assert.True(isLost);
        room[0]!.Dispose();
    }

    [Fact]
    public void Events_and_memory_are_closed_at_once_and_the_rest_soon()
    {
        using FileDescriptor memory = MemoryFile.Create("memory", 4096);
        using var call = new EventFd();
        using UnixStream kept = Sent(memory, call.Descriptor, out FileDescriptor?[] received);
        UnclaimedDescriptor.Close(received[0]!);
        UnclaimedDescriptor.Close(received[1]!);
        Assert.Equal(1, OpenDescriptors.Of(memory));
        Assert.Equal(1, OpenDescriptors.Of(call.Descriptor));
        UnclaimedDescriptor.Close(received[2]!);
        Assert.True(SpinWait.SpinUntil(() => OpenDescriptors.Of(kept.Descriptor) == 1, Patience));
    }

    private static UnixStream Sent(FileDescriptor memory, FileDescriptor call, out FileDescriptor?[] received)
    {
        (UnixStream client, UnixStream server) = UnixStream.Pair();
        received = new FileDescriptor?[3];
        Assert.True(client.Send([1], [memory.Number, call.Number, client.Descriptor.Number]).Ok);
        server.Receive(new byte[1], default, received, out int count, out _);
        Assert.Equal(3, count);
        server.Dispose();
        return client;
    }
}
