using SoftIov.Linux;
using Xunit;

namespace SoftIov.Tests.Linux;

/// <summary>What a client sends that nobody wants is closed, and nobody waits for that.</summary>
public sealed class UnclaimedDescriptorsTests
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
        using FileDescriptor wanted = MemoryFile.Create("wanted", 4096);
        LingeringSocket.SendAndDispose(first, wanted, count - 1);
        var room = new FileDescriptor?[1];
        bool isLost = false;
        Task receiving = Task.Run(() => second.Receive(new byte[1], default, room, out _, out isLost));
        await receiving.WaitAsync(Patience);
        Assert.True(isLost);
        room[0]!.Dispose();
    }

    [Fact]
    public async Task Who_sends_too_much_that_cannot_be_closed_waits_for_himself_alone()
    {
        var hostile = new UnclaimedDescriptors();
        (UnixStream client, UnixStream server) = UnixStream.Pair();
        server.Unclaimed = hostile;
        using (FileDescriptor wanted = MemoryFile.Create("wanted", 4096))
        {
            for (int i = 0; i < 20 && !hostile.IsOverwhelmed; i++)
            {
                LingeringSocket.SendAndDispose(client, wanted, 30);
                server.Receive(new byte[1], default, [], out _, out _);
            }

            LingeringSocket.SendAndDispose(client, wanted, 30);
        }

        Assert.True(hostile.IsOverwhelmed);
        client.Dispose();
        await Task.Run(server.EndAndDispose).WaitAsync(Patience);
        Assert.True(hostile.IsOverwhelmed);

        using UnixStream kept = Sent(MemoryFile.Create("memory", 4096), new EventFd().Descriptor, out FileDescriptor?[] received);
        new UnclaimedDescriptors().Close(received[2]!);
        Assert.True(SpinWait.SpinUntil(() => OpenDescriptors.Of(kept.Descriptor) == 1, Patience));
    }

    [Fact]
    public void Events_and_memory_are_closed_at_once_and_the_rest_soon()
    {
        using FileDescriptor memory = MemoryFile.Create("memory", 4096);
        using var call = new EventFd();
        using UnixStream kept = Sent(memory, call.Descriptor, out FileDescriptor?[] received);
        var unclaimed = new UnclaimedDescriptors();
        unclaimed.Close(received[0]!);
        unclaimed.Close(received[1]!);
        Assert.Equal(1, OpenDescriptors.Of(memory));
        Assert.Equal(1, OpenDescriptors.Of(call.Descriptor));
        unclaimed.Close(received[2]!);
        Assert.True(SpinWait.SpinUntil(() => OpenDescriptors.Of(kept.Descriptor) == 1, Patience));
    }

    [Fact]
    public void What_counts_of_memory_is_what_it_has_and_not_how_large_it_says_to_be()
    {
        const long Large = 64 << 20;
        using FileDescriptor sparse = MemoryFile.Create("sparse", Large);
        Assert.True(UnclaimedDescriptors.IsHarmless(sparse));
        using (MappedFile bytes = MappedFile.Map(sparse, 0, 2 << 20, writable: true))
            bytes.Bytes.Fill(1);
        Assert.False(UnclaimedDescriptors.IsHarmless(sparse));

        UnixStream kept = Sent(sparse, sparse, out FileDescriptor?[] received);
        kept.Dispose();
        var unclaimed = new UnclaimedDescriptors();
        Array.ForEach(received, one => unclaimed.Close(one!));
        Assert.True(SpinWait.SpinUntil(() => OpenDescriptors.Of(sparse) == 1, Patience));
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
