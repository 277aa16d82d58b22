using SoftIov.Linux;
using Xunit;

namespace SoftIov.Tests.Linux;

public sealed class UnixStreamTests
{
    [Fact]
    public void Descriptors_travel_with_the_bytes_and_are_close_on_exec()
    {
        (UnixStream first, UnixStream second) = UnixStream.Pair();
        using (first)
        using (second)
        using (FileDescriptor file = MemoryFile.Create("travels", 4096))
        {
            Assert.Equal(3, first.Send([1, 2, 3], [file.Number, file.Number]).Bytes);
            byte[] head = new byte[2];
            byte[] tail = new byte[8];
            FileDescriptor?[] received = new FileDescriptor?[4];
            IoResult result = second.Receive(head, tail, received, out int count);

            Assert.Equal(3, result.Bytes);
            Assert.Equal([1, 2], head);
            Assert.Equal(3, tail[0]);
            Assert.Equal(2, count);
            Assert.Equal(file.Status(), received[0]!.Status());
            Assert.Contains("02", File.ReadAllLines($"/proc/self/fdinfo/{received[1]!.Number}").First(line => line.StartsWith("flags")));
            received[0]!.Dispose();
            received[1]!.Dispose();
        }
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void A_peer_with_unread_bytes_reads_the_end_only_if_the_stream_was_ended(bool ended)
    {
        (UnixStream first, UnixStream second) = UnixStream.Pair();
        using (second)
        {
            second.Send(new byte[10_000]);
            if (ended)
                first.EndAndDispose();
            else
                first.Dispose();
            Assert.Equal(ended ? Errno.None : Errno.ECONNRESET, EndOf(second, new byte[16]).Error);
        }
    }

    [Fact]
    public void Descriptors_that_do_not_fit_are_closed()
    {
        (UnixStream first, UnixStream second) = UnixStream.Pair();
        using (first)
        using (second)
        using (EventFd thing = new())
        {
            int[] many = Enumerable.Repeat(thing.Descriptor.Number, 8).ToArray();
            first.Send([1], many);
            FileDescriptor?[] received = new FileDescriptor?[1];
            second.Receive(new byte[1], default, received, out int count, out bool lost);
            Assert.Equal(1, count);
            Assert.True(lost);
            Assert.Equal(2, OpenDescriptors.Of(thing.Descriptor));
            received[0]!.Dispose();
        }
    }

    [Fact]
    public void A_peer_that_is_gone_is_a_value()
    {
        (UnixStream first, UnixStream second) = UnixStream.Pair();
        using (second)
        {
            first.Dispose();
            Assert.Equal(new IoResult(0, Errno.None), EndOf(second, new byte[1]));
            Assert.Equal(Errno.EPIPE, second.Send([1]).Error);
        }
    }

    [Fact]
    public void A_listener_replaces_a_dead_socket_file_but_not_a_living_one_nor_a_plain_file()
    {
        using ScratchFolder folder = new();
        string path = folder.File("a.sock");
        const UnixFileMode Private = UnixFileMode.UserRead | UnixFileMode.UserWrite;
        using (UnixListener living = new(path, Private))
        {
            Assert.Equal(Private, File.GetUnixFileMode(path));
            Assert.Equal(Errno.EADDRINUSE, Assert.Throws<LinuxException>(() => new UnixListener(path, Private)).Errno);
            living.Descriptor.Dispose();
        }

        // A child that another test forked just now has the dead one's descriptor until it runs its program.
        Assert.True(SpinWait.SpinUntil(() => CanListen(path, Private), TimeSpan.FromSeconds(30)));
        Assert.False(File.Exists(path));
        File.WriteAllText(path, "precious");
        Assert.Throws<LinuxException>(() => new UnixListener(path, Private));
        Assert.Equal("precious", File.ReadAllText(path));
    }

    /// <summary>The end of a stream. A child that another test forked just now has the peer's descriptor until it runs its program.</summary>
    private static IoResult EndOf(UnixStream stream, byte[] buffer)
    {
        IoResult end = default;
        Assert.True(SpinWait.SpinUntil(() => !(end = stream.Receive(buffer)).WouldBlock, TimeSpan.FromSeconds(30)));
        return end;
    }

    private static bool CanListen(string path, UnixFileMode mode)
    {
        try
        {
            new UnixListener(path, mode).Dispose();
            return true;
        }
        catch (LinuxException stillThere) when (stillThere.Errno == Errno.EADDRINUSE)
        {
            return false;
        }
    }

    [Fact]
    public void Accept_tells_who_connected()
    {
        using ScratchFolder folder = new();
        using UnixListener listener = new(folder.File("b.sock"), UnixFileMode.UserRead | UnixFileMode.UserWrite);
        Assert.Null(listener.TryAccept(out Errno error));
        Assert.Equal(Errno.EAGAIN, error);
        using UnixStream client = UnixStream.Connect(listener.Path);
        using UnixStream server = listener.TryAccept(out _)!;
        Assert.Equal(Environment.ProcessId, server.Peer().ProcessId);
        Assert.Equal(Errno.EAGAIN, server.Receive(new byte[1]).Error);
    }

    [Fact]
    public void A_path_that_is_too_long_is_refused()
    {
        LinuxException refused = Assert.Throws<LinuxException>(() => UnixStream.Connect("/tmp/" + new string('x', 120)));
        Assert.Equal(Errno.ENAMETOOLONG, refused.Errno);
    }
}
