using System.Buffers.Binary;
using SoftIov.Linux;
using SoftIov.Transports.VfioUser;
using Xunit;

namespace SoftIov.Tests.Transports;

/// <summary>Messages with a descriptor, when the kernel does not take them at once.</summary>
public sealed class MessageOutputTests : IDisposable
{
    private const int PlainLength = 32768;

    private readonly UnixStream _ours;
    private readonly UnixStream _theirs;
    private readonly Epoll _loop = new();
    private readonly FileDescriptor _file = MemoryFile.Create("travels", 4096);
    private readonly MessageOutput _output;
    private readonly Queue<(int Length, bool HasFile)> _sent = new();

    public MessageOutputTests()
    {
        (_ours, _theirs) = UnixStream.Pair();
        _ours.Descriptor.SetNonBlocking();
        _loop.Add(_ours.Descriptor, EpollEvents.In, 1);
        _output = new MessageOutput(_ours, _loop, 1, () => Assert.Fail("too much waits"));
    }

    public void Dispose()
    {
        _ours.Dispose();
        _theirs.Dispose();
        _loop.Dispose();
        _file.Dispose();
    }

    [Fact]
    public void A_descriptor_that_waits_leaves_with_its_message()
    {
        Block();
        Send(PlainLength);
        Send(64, _file);
        Send(PlainLength);
        ReceiveAll();
    }

    [Fact]
    public void A_message_sent_in_part_has_taken_its_descriptor_along()
    {
        _ours.SetSendBuffer(4096);
        Send(65536, _file);
        Assert.True(_output.IsBlocked);
        Send(64);
        ReceiveAll();
    }

    [Fact]
    public void A_descriptor_stays_with_its_message_when_what_waits_is_moved()
    {
        Block();
        for (int i = 0; i < 3; i++)
            Send(PlainLength);
        Send(64, _file);
        for (int i = 0; i < 3; i++)
            Send(PlainLength);
        Receive(flushes: false);
        Receive(flushes: false);
        Assert.True(_output.Flush());
        for (int i = 0; i < 3; i++)
            Send(PlainLength);
        ReceiveAll();
    }

    private void Block()
    {
        while (!_output.IsBlocked)
            Send(PlainLength);
    }

    private void Send(int length, FileDescriptor? file = null)
    {
        byte[] message = new byte[length];
        BinaryPrimitives.WriteInt32LittleEndian(message.AsSpan(4), length);
        Assert.True(_output.Send(message, file));
        _sent.Enqueue((length, file is not null));
    }

    private void ReceiveAll()
    {
        while (_sent.Count > 0)
            Receive(flushes: true);
        Assert.False(_output.IsBlocked);
    }

    private void Receive(bool flushes)
    {
        (int length, bool hasFile) = _sent.Dequeue();
        byte[] buffer = new byte[length];
        FileDescriptor?[] descriptors = new FileDescriptor?[1];
        for (int filled = 0; filled < length;)
        {
            if (flushes)
                Assert.True(_output.Flush());
            IoResult result = _theirs.Receive(buffer.AsSpan(filled), default, descriptors, out int count);
            Assert.Equal(hasFile && filled == 0 ? 1 : 0, count);
            descriptors[0]?.Dispose();
            filled += result.Bytes;
        }

        Assert.Equal(length, BinaryPrimitives.ReadInt32LittleEndian(buffer.AsSpan(4)));
    }
}
