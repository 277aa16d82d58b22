using System.Buffers.Binary;
using SoftIov.Lab.VfioUser;
using SoftIov.Linux;
using SoftIov.Memory;
using SoftIov.Tests.Linux;
using SoftIov.Transports.VfioUser;
using Xunit;

namespace SoftIov.Tests.Transports;

/// <summary>Clients that break the protocol, or hold it up, next to one that does not.</summary>
public sealed class VfioUserHostileTests
{
    private static readonly byte[] GetInfo =
        [7, 0, 4, 0, 32, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 16, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0];

    [Theory]
    [InlineData(0u)]
    [InlineData(15u)]
    [InlineData(65536u + 65)]
    [InlineData(0x8000_0000u)]
    [InlineData(uint.MaxValue)]
    public void Sizes_that_no_message_has_end_the_session(uint size)
    {
        using ServedModel served = new();
        using VfioUserClient client = served.Connect();
        byte[] header = GetInfo[..16];
        BinaryPrimitives.WriteUInt32LittleEndian(header.AsSpan(4), size);
        client.SendRaw(header);
        Assert.Null(client.ReceiveRaw());
        Assert.Equal($"a message of {size} bytes", served.WaitDetached());
        Assert.Equal(1, served.Socket.Counters.BrokenSessions);
        using VfioUserClient next = served.Connect();
    }

    [Theory]
    [InlineData(2u)]
    [InlineData(15u)]
    public void Types_that_are_neither_command_nor_reply_end_the_session(uint type)
    {
        using ServedModel served = new();
        using VfioUserClient client = served.Connect();
        byte[] message = [.. GetInfo];
        message[8] = (byte)type;
        client.SendRaw(message);
        Assert.Null(client.ReceiveRaw());
        Assert.StartsWith("a message of no known type", served.WaitDetached());
    }

    [Fact]
    public void A_message_in_single_bytes_is_a_message()
    {
        using ServedModel served = new();
        using VfioUserClient client = served.Connect();
        foreach (byte one in GetInfo)
        {
            client.SendRaw([one]);
            Thread.Yield();
        }

        Assert.Equal(7, client.ReceiveRaw()![0]);
    }

    [Fact]
    public void Descriptors_are_those_of_the_message_they_came_with()
    {
        using ManualResetEventSlim isReady = new();
        using ServedModel served = new();
        served.Endpoint.Written = (_, _) => isReady.Wait(ServedModel.Patience);
        using VfioUserClient client = served.Connect();
        using GuestMemory memory = new(8192);
        using EventFd line = new();

        // All of it lies in the socket before the loop reads on.
        client.PostRegion64(0, 0, 1, 1);
        client.SendRaw([.. GetInfo, .. Map(0x1000, 3, 0), .. Map(0x4000, 3, 0)]);
        client.SendRaw(Map(0x2000, 3, 4096), memory.File.Number);
        client.SendRaw(Map(0x3000, 3, 0));
        client.SendRaw([.. Irqs(0)], line.Descriptor.Number);
        isReady.Set();
        for (int i = 0; i < 6; i++)
            Assert.Equal(0u, BinaryPrimitives.ReadUInt32LittleEndian(client.ReceiveRaw().AsSpan(12)));
        client.WriteConfig16(4, 6);
        memory.Bytes[4096] = 55;
        byte[] read = new byte[1];
        Assert.True(served.Endpoint.Dma.TryRead(0x2000, read));
        Assert.Equal(55, read[0]);
        Assert.True(served.Endpoint.Interrupts!.SignalMsix(0));
        Assert.Equal(1ul, line.Consume());
    }

    [Fact]
    public void Descriptors_may_come_with_any_byte_of_their_message()
    {
        using ServedModel served = new();
        using VfioUserClient client = served.Connect();
        using GuestMemory memory = new(4096);
        byte[] map = Map(0, 3, 0);
        client.SendRaw(map.AsSpan(0, 20));
        client.SendRaw(map.AsSpan(20), memory.File.Number);
        Assert.Equal(0u, BinaryPrimitives.ReadUInt32LittleEndian(client.ReceiveRaw().AsSpan(12)));
        Assert.Equal(2, memory.Mappings);
    }

    [Fact]
    public void Descriptors_of_unfinished_messages_are_closed()
    {
        using ServedModel served = new();
        VfioUserClient client = served.Connect();
        using EventFd line = new();
        client.SendRaw(Irqs(0).AsSpan(0, 20), Enumerable.Repeat(line.Descriptor.Number, 16).ToArray());
        client.SendRaw(GetInfo.AsSpan(0, 3), line.Descriptor.Number);
        client.Dispose();
        served.WaitDetached();
        Assert.Equal(1, OpenDescriptors.Of(line.Descriptor));
    }

    [Fact]
    public void A_client_that_does_not_read_waits_and_others_do_not()
    {
        using ServedModel served = new();
        using VfioUserSocket other = served.Serve(new EndpointModel(), "1.sock");
        using VfioUserClient slow = served.Connect();
        using VfioUserClient neighbour = VfioUserClient.Connect(other.Path);
        const int Reads = 1000;
        const int Length = 4096;
        byte[] reads = Enumerable.Range(0, Reads).SelectMany(i => Read((ushort)i, Length)).ToArray();
        slow.SendRaw(reads);
        for (int i = 0; i < 100; i++)
            neighbour.GetInfo();

        // What the kernel and the server hold for it is bounded: most reads are not done yet.
        Assert.InRange(served.Socket.Counters.Commands, 1, Reads / 2);
        for (int i = 0; i < Reads; i++)
        {
            byte[] answer = slow.ReceiveRaw()!;
            Assert.Equal(16 + 16 + Length, answer.Length);
            Assert.Equal(i, BinaryPrimitives.ReadUInt16LittleEndian(answer));
        }

        Assert.Equal(Reads + 1, served.Socket.Counters.Commands);
    }

    [Fact]
    public void Answers_larger_than_the_socket_takes_come_whole()
    {
        EndpointModel endpoint = new();
        new Random(5).NextBytes(endpoint.Bar0);
        using ServedModel served = new(endpoint: endpoint);
        using VfioUserClient client = served.Connect();
        byte[] request = Enumerable.Range(0, 100).SelectMany(i => Read((ushort)i, 16384, region: 0)).ToArray();
        client.SendRaw(request);
        for (int i = 0; i < 100; i++)
            Assert.Equal(endpoint.Bar0, client.ReceiveRaw()!.AsSpan(32).ToArray());
    }

    [Fact]
    public void A_client_that_neither_reads_nor_answers_loses_its_session()
    {
        using ServedModel served = new(new VfioUserSettings { MessageTimeout = TimeSpan.FromMilliseconds(500) });
        using VfioUserClient client = served.Connect();
        client.MapDma(0, 1 << 20, DmaAccess.Read | DmaAccess.Write);
        client.WriteConfig16(4, 6);
        byte[] data = new byte[1 << 20];
        Assert.False(served.Endpoint.Dma.TryWrite(0, data));
        Assert.Equal("the client does not answer DMA messages", served.WaitDetached());
    }

    [Fact]
    public async Task An_eventfd_that_is_full_and_blocks_holds_nobody()
    {
        using ServedModel served = new();
        using VfioUserClient client = served.Connect();
        using EventFd line = new();
        client.SetMsix(0, line);
        BlockingEvent.FillUp(line);
        Task<bool> poller = Task.Run(() => served.Endpoint.Interrupts!.SignalMsix(0));
        Assert.True(await poller.WaitAsync(ServedModel.Patience));
        Task loop = Task.Run(() => client.SetIrqs(ClientMessage.DataNone | ClientMessage.Trigger, ClientMessage.Msix, 0, 1));
        await loop.WaitAsync(ServedModel.Patience);
        Assert.Equal(ulong.MaxValue, line.Consume());
        Assert.True(served.Endpoint.Interrupts!.SignalMsix(0));
        Assert.Equal(1ul, line.Consume());
        Assert.Equal(0, served.Socket.Counters.BrokenSessions);
    }

    [Fact]
    public async Task Output_that_nobody_reads_is_bounded()
    {
        using ServedModel served = new();
        using VfioUserClient client = served.Connect();
        Task flood = Task.Run(() =>
        {
            for (int i = 0; i < 100_000 && served.Endpoint.Interrupts is { } lines; i++)
                lines.SignalMessage(0xfee0_0000, (uint)i);
        });
        Assert.Equal("the client does not read", served.WaitDetached());
        await flood.WaitAsync(ServedModel.Patience);
        using VfioUserClient next = served.Connect();
    }

    [Fact]
    public void Many_sessions_share_the_loop()
    {
        const int Count = 64;
        using ServedModel served = new();
        List<VfioUserSocket> sockets = [.. Enumerable.Range(1, Count).Select(i => served.Serve(new EndpointModel(), $"{i}.sock"))];
        Parallel.ForEach(sockets, new ParallelOptions { MaxDegreeOfParallelism = 8 }, socket =>
        {
            using VfioUserClient client = VfioUserClient.Connect(socket.Path);
            using GuestMemory memory = new(8192);
            client.MapDma(0, 8192, DmaAccess.Read | DmaAccess.Write, memory.File);
            for (uint i = 0; i < 50; i++)
            {
                client.PostRegion64(0, 4, 4, i);
                Assert.Equal(i, client.ReadRegion64(0, 4, 4));
            }

            Assert.Equal(1, socket.Endpoint.Dma.Count);
        });
        Assert.All(sockets, socket => Assert.Equal(1, socket.Counters.Sessions));
        sockets.ForEach(socket => socket.Dispose());
        Assert.All(sockets, socket => Assert.Equal(0, socket.Endpoint.Dma.Count));
    }

    [Fact]
    public void Sessions_come_and_go_without_a_trace()
    {
        using ServedModel served = new();
        using GuestMemory memory = new(4096);
        using EventFd line = new();
        for (int i = 0; i < 200; i++)
        {
            VfioUserClient client = served.Connect();
            client.MapDma(0, 4096, DmaAccess.Read, memory.File);
            client.SetMsix(i % 8, line);
            if (i % 3 == 0)
                client.SendRaw([1, 2, 3], line.Descriptor.Number);
            client.Dispose();
        }

        for (int i = 0; i < 200; i++)
            served.WaitDetached();
        Assert.Equal(1, OpenDescriptors.Of(line.Descriptor));
        Assert.Equal(1, OpenDescriptors.Of(memory.File));
        Assert.True(memory.IsGivenBack());
        Assert.Equal(200, served.Socket.Counters.Sessions);
    }

    private static byte[] Map(ulong iova, byte flags, ulong offset)
    {
        byte[] message = new byte[16 + 32];
        message[2] = 2;
        message[4] = (byte)message.Length;
        message[16] = 32;
        message[20] = flags;
        BinaryPrimitives.WriteUInt64LittleEndian(message.AsSpan(24), offset);
        BinaryPrimitives.WriteUInt64LittleEndian(message.AsSpan(32), iova);
        BinaryPrimitives.WriteUInt64LittleEndian(message.AsSpan(40), 4096);
        return message;
    }

    private static byte[] Irqs(byte start) =>
        [0, 0, 8, 0, 36, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 20, 0, 0, 0, 0x24, 0, 0, 0, 2, 0, 0, 0, start, 0, 0, 0, 1, 0, 0, 0];

    private static byte[] Read(ushort id, ushort count, byte region = 7)
    {
        byte[] message = new byte[32];
        BinaryPrimitives.WriteUInt16LittleEndian(message, id);
        message[2] = 9;
        message[4] = 32;
        message[24] = region;
        BinaryPrimitives.WriteUInt16LittleEndian(message.AsSpan(28), count);
        return message;
    }
}
