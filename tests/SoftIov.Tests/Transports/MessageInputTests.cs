using SoftIov.Linux;
using SoftIov.Tests.Linux;
using SoftIov.Transports;
using SoftIov.Transports.VfioUser;
using Xunit;

namespace SoftIov.Tests.Transports;

/// <summary>Messages and their descriptors out of a stream, however it was cut.</summary>
public sealed class MessageInputTests : IReplies, IDisposable
{
    private const ushort DmaMap = (ushort)VfioUserCommand.DmaMap;
    private const ushort Reset = (ushort)VfioUserCommand.DeviceReset;
    private const ushort Read = (ushort)VfioUserCommand.RegionRead;
    private const int Capacity = 64;
    private const uint Command = 0;
    private const uint Reply = 1;

    private readonly UnixStream _client;
    private readonly UnixStream _server;
    private readonly MessageInput _input;
    private readonly EventFd _one = new();
    private readonly EventFd _other = new();
    private readonly List<string> _seen = [];

    public MessageInputTests()
    {
        (_client, _server) = UnixStream.Pair();
        _server.Descriptor.SetNonBlocking();
        _input = new MessageInput(_server, this);
    }

    bool IReplies.Deliver(in MessageHeader header, ReadOnlySpan<byte> body)
    {
        _seen.Add($"reply {header.Id}, {body.Length}");
        return true;
    }

    public void Dispose()
    {
        _input.Close();
        _client.Dispose();
        _server.Dispose();
        Assert.Equal(1, OpenDescriptors.Of(_one.Descriptor));
        Assert.Equal(1, OpenDescriptors.Of(_other.Descriptor));
        _one.Dispose();
        _other.Dispose();
    }

    [Fact]
    public void Descriptors_behind_a_bare_header_are_those_of_the_second_message()
    {
        Send(Bytes(1, Reset, 16));
        Send(Bytes(2, DmaMap, 48), _one, _other);
        Send(Bytes(3, DmaMap, 48), _other);
        Assert.Equal(["1 DeviceReset 16", "2 DmaMap 48: one other", "3 DmaMap 48: other"], TakeAll());
    }

    [Fact]
    public void Descriptors_of_each_of_two_messages_stay_with_it()
    {
        Send(Bytes(1, DmaMap, 48), _one);
        Send(Bytes(2, DmaMap, 48), _other);
        Send(Bytes(3, Reset, 16), _one);
        Send(Bytes(4, Reset, 16), _other);
        Send(Bytes(5, DmaMap, 48));
        Assert.Equal(["1 DmaMap 48: one", "2 DmaMap 48: other", "3 DeviceReset 16: one", "4 DeviceReset 16: other", "5 DmaMap 48"], TakeAll());
    }

    [Fact]
    public void Messages_sent_in_one_piece_leave_descriptors_with_the_first()
    {
        Send([.. Bytes(1, DmaMap, 48), .. Bytes(2, DmaMap, 48), .. Bytes(3, Reset, 16), .. Bytes(4, Reset, 16), .. Bytes(5, Read, 32)], _one);
        Assert.Equal(["1 DmaMap 48: one", "2 DmaMap 48", "3 DeviceReset 16", "4 DeviceReset 16", "5 RegionRead 32"], TakeAll());
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(15)]
    [InlineData(16)]
    [InlineData(31)]
    [InlineData(47)]
    public void A_message_may_be_cut_anywhere_before_its_descriptors(int cut)
    {
        byte[] map = Bytes(2, DmaMap, 48);
        Send([.. Bytes(1, Reset, 16), .. map[..cut]]);
        Send(map[cut..], _one);
        Send(Bytes(3, Reset, 16));
        Assert.Equal(["1 DeviceReset 16", "2 DmaMap 48: one", "3 DeviceReset 16"], TakeAll());
    }

    [Theory]
    [InlineData(1)]
    [InlineData(7)]
    [InlineData(15)]
    [InlineData(17)]
    [InlineData(33)]
    public void Any_stream_in_pieces_of_any_size_is_the_same_messages(int piece)
    {
        byte[] stream =
        [
            .. Bytes(1, Reset, 16), .. Bytes(2, Read, 32), .. Bytes(3, Reset, 16), .. Bytes(4, Reset, 17), .. Bytes(5, Reset, 31),
            .. Bytes(6, DmaMap, 48), .. Bytes(7, Read, 700), .. Bytes(8, Reset, 16), .. Bytes(9, Reset, 16),
        ];
        List<string> taken = [];
        for (int at = 0; at < stream.Length; at += piece)
        {
            Send(stream[at..Math.Min(at + piece, stream.Length)]);
            taken.AddRange(TakeAll());
        }

        Assert.Equal(
            [
                "1 DeviceReset 16", "2 RegionRead 32", "3 DeviceReset 16", "4 DeviceReset 17", "5 DeviceReset 31", "6 DmaMap 48",
                "7 RegionRead 700", "8 DeviceReset 16", "9 DeviceReset 16",
            ],
            taken);
    }

    [Fact]
    public void More_descriptors_than_a_message_may_have_are_closed_and_told()
    {
        Send(Bytes(1, Reset, 16));
        Send(Bytes(2, DmaMap, 48), [.. Enumerable.Repeat(_one, 17)]);
        Send(Bytes(3, DmaMap, 48), [.. Enumerable.Repeat(_other, 16)]);
        string sixteen = string.Join(' ', Enumerable.Repeat("one", 16));
        Assert.Equal(
            ["1 DeviceReset 16", $"2 DmaMap 48: {sixteen} and more", $"3 DmaMap 48: {sixteen.Replace("one", "other", StringComparison.Ordinal)}"],
            TakeAll());
    }

    [Fact]
    public void A_bare_header_that_came_with_another_message_is_not_waited_for()
    {
        Send([.. Bytes(1, Reset, 16), .. Bytes(2, Reset, 16)]);
        Message? first = _input.TakeCommand(mayReceive: true, out _);
        Assert.Equal(1, first!.Header.Id);
        Assert.True(_input.HasWaiting);
        Assert.Equal(2, _input.TakeCommand(mayReceive: false, out _)!.Header.Id);
        Assert.False(_input.HasWaiting);
    }

    [Fact]
    public void Nothing_is_received_unless_it_may_be()
    {
        Send(Bytes(1, Reset, 16));
        Assert.Null(_input.TakeCommand(mayReceive: false, out SessionEnd? end));
        Assert.Null(end);
        Assert.NotNull(_input.TakeCommand(mayReceive: true, out _));
    }

    [Theory]
    [InlineData(15, Command, "a message of 15 bytes")]
    [InlineData(0, Command, "a message of 0 bytes")]
    [InlineData(65536 + 65, Command, "a message of 65601 bytes")]
    [InlineData(16, 2u, "a message of no known type (flags 0x2)")]
    public void Good_messages_before_a_bad_header_are_served_and_then_it_ends(int size, uint flags, string reason)
    {
        Send([.. Bytes(1, Reset, 16), .. Bytes(2, Read, 32), .. Bytes(3, Reset, 16), .. Header(4, Reset, size, flags)]);
        Send(Bytes(5, DmaMap, 48), _one);
        Assert.Equal(["1 DeviceReset 16", "2 RegionRead 32", "3 DeviceReset 16"], TakeAll(out SessionEnd? end));
        Assert.Equal(reason, end!.Reason);
        Assert.True(end.IsClientsFault);
    }

    [Fact]
    public void Replies_between_commands_are_delivered()
    {
        Send([.. Bytes(1, Reset, 16), .. Bytes(2, Read, 16, Reply), .. Bytes(3, Read, 32, Reply), .. Bytes(4, Reset, 16)]);
        Assert.Equal(PumpResult.Going, _input.Pump(out bool forLoop));
        Assert.True(forLoop);
        Assert.Equal(["reply 2, 0", "reply 3, 16"], _seen);
        Assert.Equal(["1 DeviceReset 16", "4 DeviceReset 16"], TakeAll());
    }

    [Fact]
    public void A_full_queue_is_told_and_loses_nothing()
    {
        for (int i = 1; i < Capacity; i++)
            Send(Bytes((ushort)i, Read, 32));
        Send([.. Bytes(Capacity, Reset, 16), .. Bytes(Capacity + 1, Reset, 16), .. Bytes(Capacity + 2, Reset, 16)]);
        Assert.Equal(PumpResult.Full, _input.Pump(out bool forLoop));
        Assert.True(forLoop);
        Assert.Equal(PumpResult.Full, _input.Pump(out _));
        Assert.Equal(Enumerable.Range(1, Capacity + 2).Select(i => $"{i}"), TakeAll().Select(line => line.Split(' ')[0]));
        Assert.Equal(PumpResult.Going, _input.Pump(out forLoop));
        Assert.False(forLoop);
    }

    [Fact]
    public void The_end_of_the_stream_is_an_end_between_messages_and_a_break_within_one()
    {
        Send([.. Bytes(1, Reset, 16), .. Bytes(2, Reset, 16)[..3]]);
        _client.Shutdown();
        Assert.Equal(["1 DeviceReset 16"], TakeAll(out SessionEnd? end));
        Assert.Equal("the client went away within a message", end!.Reason);
    }

    [Fact]
    public void Messages_allocate_nothing()
    {
        byte[] both = [.. Bytes(1, Reset, 16), .. Bytes(2, Read, 32)];
        long before = 0;
        for (int i = 0; i < 2000; i++)
        {
            if (i == 1000)
                before = GC.GetAllocatedBytesForCurrentThread();
            _client.Send(both);
            for (int taken = 0; taken < 2; taken++)
                _input.Return(_input.TakeCommand(mayReceive: true, out _)!);
        }

        Assert.Equal(before, GC.GetAllocatedBytesForCurrentThread());
    }

    private static byte[] Header(ushort id, ushort command, int size, uint flags = Command)
    {
        byte[] header = new byte[MessageHeader.Length];
        new MessageHeader(id, (VfioUserCommand)command, (uint)size, flags, 0).Write(header);
        return header;
    }

    /// <summary>A message with a body that tells its id at every byte.</summary>
    private static byte[] Bytes(ushort id, ushort command, int size, uint flags = Command) =>
        [.. Header(id, command, size, flags), .. Enumerable.Repeat((byte)id, size - MessageHeader.Length)];

    private void Send(byte[] bytes, params EventFd[] descriptors) =>
        Assert.Equal(bytes.Length, _client.Send(bytes, descriptors.Select(one => one.Descriptor.Number).ToArray()).Bytes);

    private List<string> TakeAll() => TakeAll(out _);

    private List<string> TakeAll(out SessionEnd? end)
    {
        List<string> taken = [];
        while (_input.TakeCommand(mayReceive: true, out end) is { } command)
        {
            Assert.All(command.Body.ToArray(), one => Assert.Equal(command.Header.Id, one));
            string descriptors = string.Join(' ', Enumerable.Range(0, command.Descriptors.Count).Select(i => NameOf(command.Descriptors[i])));
            taken.Add($"{command.Header.Id} {command.Header.Command} {command.Header.Size}"
                + (descriptors.Length > 0 ? $": {descriptors}" : "") + (command.Descriptors.AreLost ? " and more" : ""));
            _input.Return(command);
        }

        return taken;
    }

    /// <summary>Which of the two it is, by what arrives there.</summary>
    private string NameOf(FileDescriptor descriptor)
    {
        EventFd received = new(descriptor.Duplicate());
        received.Signal();
        received.Dispose();
        return _one.Consume() == 1 ? "one" : _other.Consume() == 1 ? "other" : "neither";
    }
}
