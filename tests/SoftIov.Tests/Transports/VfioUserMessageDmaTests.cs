using SoftIov.Lab.VfioUser;
using SoftIov.Memory;
using SoftIov.Transports.VfioUser;
using Xunit;

namespace SoftIov.Tests.Transports;

public sealed class VfioUserMessageDmaTests
{
    private const DmaAccess ReadWrite = DmaAccess.Read | DmaAccess.Write;
    private const int Size = 1 << 20;

    [Theory]
    [InlineData(0)]
    [InlineData(12)]
    [InlineData(16)]
    public void Memory_without_a_file_is_read_and_written_by_messages(int writeAnswerLength)
    {
        using ServedModel served = new();
        ClientMemoryModel memory = new(Size);
        using VfioUserClient client = served.Connect(new() { Memory = memory, WriteAnswerLength = writeAnswerLength });
        client.MapDma(0x1000, Size, ReadWrite);
        client.WriteConfig16(4, 6);
        Assert.True(served.Endpoint.Dma.HasMessageMappings);

        byte[] sent = new byte[300_000];
        new Random(3).NextBytes(sent);
        Assert.True(served.Endpoint.Dma.TryWrite(0x1000 + 5, sent));
        byte[] received = new byte[sent.Length];
        Assert.True(served.Endpoint.Dma.TryRead(0x1000 + 5, received));
        Assert.Equal(sent, received);
        Assert.Equal(sent, memory.Bytes.AsSpan(0x1000 + 5, sent.Length).ToArray());
        Assert.Equal(2, served.Socket.Counters.MessageAccesses);
        Assert.Equal(0, served.Socket.Counters.FailedMessageAccesses);
        Assert.All(memory.Counts, count => Assert.InRange(count, 1, 65536));
    }

    [Fact]
    public void Accesses_are_cut_to_what_the_client_takes()
    {
        using ServedModel served = new();
        ClientMemoryModel memory = new(Size);
        string json = """{"capabilities":{"max_data_xfer_size":5000}}""";
        using VfioUserClient client = served.Connect(new() { Memory = memory, Capabilities = json });
        client.MapDma(0, Size, ReadWrite);
        client.WriteConfig16(4, 6);
        Assert.True(served.Endpoint.Dma.TryRead(0, new byte[12_000]));
        Assert.Equal([5000, 5000, 2000], memory.Counts);
    }

    [Fact]
    public void What_the_client_refuses_is_a_failed_access_and_no_more()
    {
        using ServedModel served = new();
        ClientMemoryModel memory = new(4096);
        using VfioUserClient client = served.Connect(new() { Memory = memory });
        client.MapDma(0, Size, ReadWrite);
        client.WriteConfig16(4, 6);
        Assert.False(served.Endpoint.Dma.TryRead(4096, new byte[16]));
        Assert.False(served.Endpoint.Dma.TryWrite(4096, new byte[16]));
        Assert.True(served.Endpoint.Dma.TryRead(4000, new byte[16]));
        Assert.Equal(2, served.Socket.Counters.FailedMessageAccesses);
    }

    [Fact]
    public async Task Several_pollers_have_accesses_under_way_while_the_client_calls()
    {
        using ServedModel served = new();
        ClientMemoryModel memory = new(Size);
        using VfioUserClient client = served.Connect(new() { Memory = memory });
        client.MapDma(0, Size, ReadWrite);
        client.WriteConfig16(4, 6);
        Task<bool>[] pollers = Enumerable.Range(0, 4).Select(poller => Task.Run(() => Exercise(served.Endpoint.Dma, poller))).ToArray();
        while (!Array.TrueForAll(pollers, poller => poller.IsCompleted))
        {
            for (int i = 0; i < 20; i++)
                client.PostRegion64(0, 0, 4, (ulong)i);
            Assert.Equal(19u, client.ReadRegion64(0, 0, 4));
        }

        Assert.All(await Task.WhenAll(pollers), Assert.True);
    }

    [Fact]
    public async Task An_unmap_does_not_wait_for_an_access_that_waits_for_the_client()
    {
        using ManualResetEventSlim isQuiet = new();
        QuiescenceModel quiescence = new();
        using ServedModel served = new(endpoint: new EndpointModel(quiescence));
        using VfioUserClient client = served.Connect();
        client.MapDma(0, Size, ReadWrite);
        client.WriteConfig16(4, 6);
        Task<bool> poller = StartRead(served, isQuiet);
        AwaitRequest(client);

        // As the poll scheduler does: the unmap goes on when the poller is out of its round.
        quiescence.Waiting = () => Assert.True(isQuiet.Wait(ServedModel.Patience));
        client.SendRaw(Command(1, ClientMessage.DmaUnmap, [24, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0x10, 0, 0, 0, 0, 0]));
        Assert.Equal(ClientMessage.DmaUnmap, client.ReceiveRaw()![2]);
        Assert.False(await poller);

        // The late answer is passed over.
        client.SendRaw(Answer(1, ClientMessage.DmaRead, new byte[16 + 64]));
        client.SendRaw(Command(2, ClientMessage.GetInfo, [16, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0]));
        Assert.Equal(ClientMessage.GetInfo, client.ReceiveRaw()![2]);
    }

    [Fact]
    public async Task An_answer_that_crosses_an_unmap_is_passed_over()
    {
        using ServedModel served = new();
        using VfioUserClient client = served.Connect();
        client.WriteConfig16(4, 6);
        byte[] unmap = Command(1, ClientMessage.DmaUnmap, [24, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0x10, 0, 0, 0, 0, 0]);
        byte[] payload = [0, 0x10, 0, 0, 0, 0, 0, 0, 64, 0, 0, 0, 0, 0, 0, 0, .. new byte[64]];
        for (byte id = 1; id <= 50; id++)
        {
            client.MapDma(0, Size, ReadWrite);
            Task<bool> poller = Task.Run(() => served.Endpoint.Dma.TryRead(0x1000, new byte[64]));
            AwaitRequest(client);
            client.SendRaw([.. unmap, .. Answer(id, ClientMessage.DmaRead, payload)]);
            Assert.Equal(ClientMessage.DmaUnmap, client.ReceiveRaw()![2]);
            await poller;
        }

        Assert.Equal(9u, client.GetInfo().Regions);
    }

    [Fact]
    public async Task A_reset_does_not_wait_for_an_access_that_waits_for_the_client()
    {
        using ManualResetEventSlim isQuiet = new();
        using ServedModel served = new();
        using VfioUserClient client = served.Connect();
        client.MapDma(0, Size, ReadWrite);
        client.WriteConfig16(4, 6);
        Task<bool> poller = StartRead(served, isQuiet);
        AwaitRequest(client);
        served.Endpoint.Resetting = () => Assert.True(isQuiet.Wait(ServedModel.Patience));
        client.SendRaw(Command(1, ClientMessage.Reset, []));
        Assert.Equal(ClientMessage.Reset, client.ReceiveRaw()![2]);
        Assert.False(await poller);
    }

    [Fact]
    public async Task A_register_write_that_waits_for_the_poller_gets_it_in_the_end()
    {
        using ManualResetEventSlim isQuiet = new();
        using ServedModel served = new();
        using VfioUserClient client = served.Connect();
        client.MapDma(0, Size, ReadWrite);
        client.WriteConfig16(4, 6);
        Task<bool> poller = StartRead(served, isQuiet);
        AwaitRequest(client);
        served.Endpoint.Written = (_, _) => Assert.True(isQuiet.Wait(ServedModel.Patience));
        byte[] write = [0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1, 0, 0, 0, 0];
        client.SendRaw(Command(1, ClientMessage.RegionWrite, write));
        Assert.Equal(ClientMessage.RegionWrite, client.ReceiveRaw()![2]);
        Assert.False(await poller);
    }

    [Fact]
    public async Task Bus_mastering_going_off_ends_accesses()
    {
        using ManualResetEventSlim isQuiet = new();
        using ServedModel served = new();
        using VfioUserClient client = served.Connect();
        client.MapDma(0, Size, ReadWrite);
        client.WriteConfig16(4, 6);
        Task<bool> poller = StartRead(served, isQuiet);
        AwaitRequest(client);
        served.Endpoint.Dma.BusMasterEnable = false;
        Assert.False(await poller);
    }

    [Fact]
    public async Task Accesses_end_with_the_session()
    {
        using ManualResetEventSlim isQuiet = new();
        using ServedModel served = new();
        VfioUserClient client = served.Connect();
        client.MapDma(0, Size, ReadWrite);
        client.WriteConfig16(4, 6);
        Task<bool> poller = StartRead(served, isQuiet);
        AwaitRequest(client);
        client.Dispose();
        Assert.False(await poller);
        served.WaitDetached();
    }

    [Fact]
    public async Task A_client_that_does_not_answer_loses_its_session()
    {
        using ManualResetEventSlim isQuiet = new();
        using ServedModel served = new(new VfioUserSettings { MessageTimeout = TimeSpan.FromMilliseconds(300) });
        using VfioUserClient client = served.Connect();
        client.MapDma(0, Size, ReadWrite);
        client.WriteConfig16(4, 6);
        Assert.False(await StartRead(served, isQuiet));
        Assert.Equal("the client does not answer DMA messages", served.WaitDetached());
        Assert.Equal(1, served.Socket.Counters.BrokenSessions);
    }

    [Fact]
    public async Task An_answer_gets_through_while_the_loop_waits_for_the_poller_elsewhere()
    {
        using ManualResetEventSlim isQuiet = new();
        QuiescenceModel quiescence = new() { Waiting = () => Assert.True(isQuiet.Wait(ServedModel.Patience)) };
        using ServedModel served = new();
        using VfioUserSocket other = served.Serve(new EndpointModel(quiescence), "1.sock");
        using VfioUserClient neighbour = VfioUserClient.Connect(other.Path);
        using VfioUserClient client = served.Connect();
        neighbour.MapDma(0, Size, ReadWrite);
        client.MapDma(0, Size, ReadWrite);
        client.WriteConfig16(4, 6);
        Task<bool> poller = StartRead(served, isQuiet);
        AwaitRequest(client);
        Task<ulong> unmap = Task.Run(() => neighbour.UnmapDma(0, Size));

        // Commands before the answer are read ahead of the loop and done later, in order.
        for (byte i = 0; i < 10; i++)
            client.PostRegion64(0, 0, 1, i);
        client.SendRaw(Answer(1, ClientMessage.DmaRead, [0, 0x10, 0, 0, 0, 0, 0, 0, 64, 0, 0, 0, 0, 0, 0, 0, .. new byte[64]]));
        Assert.True(await poller);
        await unmap.WaitAsync(ServedModel.Patience);
        client.SendRaw(Command(9, ClientMessage.RegionRead, [0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1, 0, 0, 0]));
        Assert.Equal(9, client.ReceiveRaw()![^1]);
    }

    [Theory]
    [InlineData(15)]
    [InlineData(16 + 63)]
    [InlineData(16 + 65)]
    public async Task A_read_that_is_answered_with_another_length_fails(int length)
    {
        using ManualResetEventSlim isQuiet = new();
        using ServedModel served = new();
        using VfioUserClient client = served.Connect();
        client.MapDma(0, Size, ReadWrite);
        client.WriteConfig16(4, 6);
        Task<bool> poller = StartRead(served, isQuiet);
        AwaitRequest(client);
        byte[] payload = new byte[length];
        payload[8] = 64;
        client.SendRaw(Answer(1, ClientMessage.DmaRead, payload));
        Assert.False(await poller);
        client.SendRaw(Command(2, ClientMessage.Reset, []));
        Assert.NotNull(client.ReceiveRaw());
    }

    [Fact]
    public void An_answer_that_nobody_asked_for_ends_the_session()
    {
        using ServedModel served = new();
        using VfioUserClient client = served.Connect();
        client.SendRaw(Answer(1, ClientMessage.DmaRead, new byte[80]));
        Assert.Null(client.ReceiveRaw());
        Assert.Equal("an answer to nothing that was asked", served.WaitDetached());
    }

    [Fact]
    public void Guest_memory_without_a_file_is_warned_of()
    {
        using ServedModel served = new();
        List<string> warnings = [];
        served.Socket.Warned += (_, what) => warnings.Add(what);
        using VfioUserClient client = served.Connect();
        client.MapDma(0xfea0_0000, 16 << 20, ReadWrite);
        client.MapDma(1UL << 32, 1UL << 30, DmaAccess.Read);
        client.MapDma(0, 256 << 20, ReadWrite);
        client.GetInfo();
        Assert.Contains("256 MB of guest memory", Assert.Single(warnings));
    }

    [Fact]
    public void The_loop_thread_never_waits_for_itself()
    {
        using ServedModel served = new();
        bool? wasRead = null;
        served.Endpoint.Written = (_, _) => wasRead = served.Endpoint.Dma.TryRead(0, new byte[4]);
        using VfioUserClient client = served.Connect(new() { Memory = new ClientMemoryModel(Size) });
        client.MapDma(0, Size, ReadWrite);
        client.WriteConfig16(4, 6);
        client.WriteRegion64(0, 0, 1, 0);
        Assert.False(wasRead);
    }

    private static Task<bool> StartRead(ServedModel served, ManualResetEventSlim isQuiet) => Task.Run(() =>
    {
        bool isRead = served.Endpoint.Dma.TryRead(0x1000, new byte[64]);
        isQuiet.Set();
        return isRead;
    });

    private static void AwaitRequest(VfioUserClient client)
    {
        byte[] request = client.ReceiveRaw()!;
        Assert.Equal(ClientMessage.DmaRead, request[2]);
        Assert.Equal([0, 0x10, 0, 0, 0, 0, 0, 0, 64, 0, 0, 0, 0, 0, 0, 0], request[16..]);
    }

    private static byte[] Command(byte id, ushort command, byte[] payload) =>
        [id, 0, (byte)command, 0, (byte)(16 + payload.Length), 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, .. payload];

    private static byte[] Answer(byte id, ushort command, byte[] payload) =>
        [id, 0, (byte)command, 0, (byte)(16 + payload.Length), 0, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0, .. payload];

    private static bool Exercise(DmaDomain domain, int poller)
    {
        byte[] sent = new byte[1000];
        byte[] received = new byte[1000];
        ulong place = (ulong)(poller * 4096);
        for (int i = 0; i < 50; i++)
        {
            sent.AsSpan().Fill((byte)i);
            if (!domain.TryWrite(place, sent) || !domain.TryRead(place, received) || !sent.AsSpan().SequenceEqual(received))
                return false;
        }

        return true;
    }
}
