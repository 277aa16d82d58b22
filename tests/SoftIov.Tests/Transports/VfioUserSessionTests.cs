using SoftIov.Lab.VfioUser;
using SoftIov.Linux;
using SoftIov.Memory;
using SoftIov.Tests.Linux;
using SoftIov.Transports.VfioUser;
using Xunit;

namespace SoftIov.Tests.Transports;

public sealed class VfioUserSessionTests
{
    private const DmaAccess ReadWrite = DmaAccess.Read | DmaAccess.Write;

    [Fact]
    public void Attaching_and_detaching_are_told()
    {
        using ServedModel served = new();
        VfioUserSocket? attached = null;
        served.Socket.Attached += socket => attached = socket;
        Assert.Null(served.Socket.Attachment);
        VfioUserClient client = served.Connect();
        Assert.Same(served.Socket, attached);
        VfioUserAttachment attachment = served.Socket.Attachment!;
        Assert.Equal(Environment.ProcessId, attachment.Peer.ProcessId);
        Assert.InRange(DateTimeOffset.UtcNow - attachment.Since, TimeSpan.Zero, ServedModel.Patience);
        client.Dispose();
        Assert.Equal("the client closed the connection", served.WaitDetached());
        Assert.Null(served.Socket.Attachment);
        Assert.Equal(1, served.Socket.Counters.Sessions);
        Assert.Equal(0, served.Socket.Counters.BrokenSessions);
    }

    [Fact]
    public void A_client_counts_as_attached_until_the_endpoint_is_reset_after_it()
    {
        using ServedModel served = new();
        VfioUserAttachment? meanwhile = null;
        served.Endpoint.ColdResetting = () => meanwhile = served.Socket.Attachment;
        served.Connect().Dispose();
        served.WaitDetached();
        Assert.NotNull(meanwhile);
        Assert.Null(served.Socket.Attachment);
    }

    [Fact]
    public void A_client_that_goes_leaves_nothing()
    {
        using ServedModel served = new();
        using GuestMemory memory = new(8192);
        using EventFd line = new();
        VfioUserClient client = served.Connect();
        client.MapDma(0, 8192, ReadWrite, memory.File);
        client.SetMsix(0, line);
        client.SetIntx(line);
        client.SetIntxUnmask(line);
        client.WriteConfig16(4, 6);
        client.WriteRegion64(0, 0, 4, 0x600D);
        Assert.True(OpenDescriptors.Of(line.Descriptor) > 1);
        Assert.Equal(2, memory.Mappings);
        Assert.NotNull(served.Endpoint.Dma.Messages);
        client.Dispose();
        served.WaitDetached();

        Assert.Equal(1, OpenDescriptors.Of(line.Descriptor));
        Assert.Equal(1, OpenDescriptors.Of(memory.File));
        Assert.True(memory.IsGivenBack());
        Assert.Equal(0, served.Endpoint.Dma.Count);
        Assert.Null(served.Endpoint.Interrupts);
        Assert.Null(served.Endpoint.Dma.Messages);
        Assert.Equal((0, 1), (served.Endpoint.Resets, served.Endpoint.ColdResets));
        using VfioUserClient next = served.Connect();
        Assert.Equal(0u, next.ReadRegion64(0, 0, 4));
    }

    [Fact]
    public async Task A_second_client_waits_until_the_first_is_gone()
    {
        using ServedModel served = new();
        VfioUserClient first = served.Connect();
        using VfioUserClient second = served.ConnectSilently();
        Task<VersionAnswer> agreed = Task.Run(second.Negotiate);
        first.GetInfo();
        Assert.Equal(1, served.Socket.Counters.Sessions);
        Assert.False(agreed.IsCompleted);
        first.Dispose();
        await agreed.WaitAsync(ServedModel.Patience);
        Assert.Equal(9u, second.GetInfo().Regions);
        Assert.Equal(2, served.Socket.Counters.Sessions);
    }

    [Fact]
    public void A_client_that_died_in_the_middle_of_a_message_is_followed_at_once()
    {
        using ServedModel served = new();
        VfioUserClient first = served.Connect();
        first.SendRaw([1, 0, 9, 0, 32, 0, 0, 0, 0, 0]);
        first.Dispose();
        using VfioUserClient second = served.Connect();
        Assert.Equal("the client went away within a message", served.WaitDetached());
        Assert.Equal(1, served.Socket.Counters.BrokenSessions);
    }

    [Fact]
    public void What_was_posted_before_the_end_is_done()
    {
        using ServedModel served = new();
        byte[] last = [];
        served.Endpoint.Written = (_, bytes) => last = bytes;
        VfioUserClient client = served.Connect();
        for (int i = 0; i < 1000; i++)
            client.PostRegion64(0, 0, 4, (ulong)i);
        client.Dispose();
        served.WaitDetached();
        Assert.Equal(BitConverter.GetBytes(999), last);
    }

    [Fact]
    public void A_client_can_be_cut_off_from_any_thread()
    {
        using ServedModel served = new();
        using VfioUserClient client = served.Connect();
        served.Socket.Disconnect("by the operator");
        Assert.Null(served.Socket.Attachment);
        Assert.Equal("by the operator", served.WaitDetached());
        Assert.Null(client.ReceiveRaw());

        // Nobody is there to be cut off: it is not the next one's.
        served.Socket.Disconnect("again");
        using VfioUserClient next = served.Connect();
        next.GetInfo();
        Assert.Empty(served.Reasons);
    }

    [Fact]
    public async Task To_cut_a_client_off_waits_for_an_end_that_is_under_way()
    {
        using ServedModel served = new();
        VfioUserClient client = served.Connect();
        using ManualResetEventSlim isEnding = new();
        using ManualResetEventSlim isSeen = new();
        served.Endpoint.ColdResetting = () =>
        {
            isEnding.Set();
            isSeen.Wait(ServedModel.Patience);
        };
        client.Dispose();
        Assert.True(isEnding.Wait(ServedModel.Patience));
        Task<VfioUserAttachment?> cut = Task.Run(() =>
        {
            served.Socket.Disconnect("too late");
            return served.Socket.Attachment;
        });
        Assert.NotNull(served.Socket.Attachment);
        Assert.NotSame(cut, await Task.WhenAny(cut, Task.Delay(50)));
        isSeen.Set();
        Assert.Null(await cut.WaitAsync(ServedModel.Patience));
        Assert.Equal("the client closed the connection", served.WaitDetached());
    }

    [Fact]
    public void A_function_that_vanishes_takes_its_session_along()
    {
        using ServedModel served = new();
        using VfioUserClient client = served.Connect();
        served.Endpoint.Vanish();
        Assert.Equal("the function is gone", served.WaitDetached());
        Assert.Null(client.ReceiveRaw());
        served.Socket.Dispose();
        Assert.False(File.Exists(served.Socket.Path));
    }

    [Fact]
    public void A_socket_that_is_disposed_of_is_gone_with_all_that_was_on_it()
    {
        using ServedModel served = new();
        using GuestMemory memory = new(4096);
        using VfioUserClient client = served.Connect();
        client.MapDma(0, 4096, ReadWrite, memory.File);
        served.Socket.Dispose();
        Assert.True(memory.IsGivenBack());
        Assert.False(File.Exists(served.Socket.Path));
        Assert.Null(client.ReceiveRaw());
        served.Socket.Dispose();
        using VfioUserSocket again = served.Serve(served.Endpoint, "0.sock");
        using VfioUserClient next = served.Connect();
        next.GetInfo();
    }

    [Fact]
    public void Whoever_is_not_admitted_gets_no_answer()
    {
        using ServedModel served = new();
        PeerCredentials? asked = null;
        EndpointModel endpoint = new();
        bool isAdmitted = false;
        using ScratchFolder folder = new();
        using VfioUserSocket socket = served.Server.Serve(endpoint, new VfioUserSocketOptions
        {
            Path = folder.File("leased.sock"),
            Admit = peer =>
            {
                asked = peer;
                return Volatile.Read(ref isAdmitted);
            },
        });
        Assert.Throws<VfioUserException>(() => VfioUserClient.Connect(socket.Path));
        Assert.Equal(ProcessUser.Id, asked!.Value.UserId);
        Assert.Equal(1, socket.Counters.RefusedPeers);
        Volatile.Write(ref isAdmitted, true);
        using VfioUserClient client = VfioUserClient.Connect(socket.Path);
        Assert.NotNull(socket.Attachment);
    }

    [Fact]
    public void A_handler_that_throws_hurts_one_client_only()
    {
        using ServedModel served = new();
        int asked = 0;
        using ScratchFolder folder = new();
        VfioUserSocketOptions options = new()
        {
            Path = folder.File("broken.sock"),
            Admit = _ => Interlocked.Increment(ref asked) == 1 ? throw new InvalidOperationException("admit") : true,
        };
        using ManualResetEventSlim isTold = new();
        served.Server.SocketFaulted += (_, _) => isTold.Set();
        using VfioUserSocket socket = served.Server.Serve(new EndpointModel(), options);
        Assert.Throws<VfioUserException>(() => VfioUserClient.Connect(socket.Path));
        Assert.True(isTold.Wait(ServedModel.Patience));
        using VfioUserClient client = VfioUserClient.Connect(socket.Path);
        served.Faults.Clear();
    }

    [Fact]
    public void The_socket_file_has_the_mode_it_was_given()
    {
        using ServedModel served = new();
        const UnixFileMode Private = UnixFileMode.UserRead | UnixFileMode.UserWrite;
        Assert.Equal(Private, File.GetUnixFileMode(served.Socket.Path));
        using ScratchFolder folder = new();
        using VfioUserSocket shared = served.Server.Serve(
            new EndpointModel(), new VfioUserSocketOptions { Path = folder.File("g.sock"), Mode = Private | UnixFileMode.GroupWrite });
        Assert.Equal(Private | UnixFileMode.GroupWrite, File.GetUnixFileMode(shared.Path));
    }

    [Fact]
    public void A_client_that_says_nothing_does_not_keep_others_out()
    {
        using ServedModel served = new(new VfioUserSettings { NegotiationTimeout = TimeSpan.FromSeconds(1) });
        using VfioUserClient silent = served.ConnectSilently();
        using VfioUserClient client = served.Connect();
        Assert.Null(silent.ReceiveRaw());
        Assert.Equal(1, served.Socket.Counters.BrokenSessions);

        // Once a version is agreed on a client may be silent as long as it likes.
        Thread.Sleep(1500);
        Assert.Equal(9u, client.GetInfo().Regions);
    }

    [Fact]
    public void A_server_that_stops_ends_all_sessions_and_serves_no_more()
    {
        using ScratchFolder folder = new();
        VfioUserServer server = new(TimeProvider.System);
        EndpointModel endpoint = new();
        VfioUserSocket socket = server.Serve(endpoint, new VfioUserSocketOptions { Path = folder.File("s.sock") });
        using VfioUserClient client = VfioUserClient.Connect(socket.Path);
        server.Dispose();
        server.Dispose();
        Assert.Null(client.ReceiveRaw());
        Assert.False(File.Exists(socket.Path));
        Assert.Null(endpoint.Interrupts);
        socket.Disconnect("too late");
        socket.Dispose();
        Assert.Throws<ObjectDisposedException>(() => server.Serve(endpoint, new VfioUserSocketOptions { Path = socket.Path }));
        Assert.False(File.Exists(socket.Path));
    }

    [Fact]
    public void A_path_that_is_taken_is_told_to_the_caller()
    {
        using ServedModel served = new();
        VfioUserSocketOptions options = new() { Path = served.Socket.Path };
        Assert.Equal(Errno.EADDRINUSE, Assert.Throws<LinuxException>(() => served.Server.Serve(new EndpointModel(), options)).Errno);
        using VfioUserClient client = served.Connect();
    }

    [Fact]
    public void An_endpoint_that_throws_loses_its_session_and_no_other()
    {
        using ServedModel served = new();
        EndpointModel broken = new() { Written = (_, _) => throw new InvalidOperationException("broken") };
        using VfioUserSocket other = served.Serve(broken, "1.sock");
        using ManualResetEventSlim isTold = new();
        served.Server.SocketFaulted += (socket, _) => isTold.Set();
        using VfioUserClient neighbour = served.Connect();
        using VfioUserClient client = VfioUserClient.Connect(other.Path);
        Assert.Throws<VfioUserException>(() => client.WriteRegion64(0, 0, 1, 0));
        Assert.True(isTold.Wait(ServedModel.Patience));
        Assert.Equal(9u, neighbour.GetInfo().Regions);
        using VfioUserClient next = VfioUserClient.Connect(other.Path);
        Assert.True(served.Faults.TryDequeue(out Exception? fault));
        Assert.Equal("broken", fault.Message);
    }
}
