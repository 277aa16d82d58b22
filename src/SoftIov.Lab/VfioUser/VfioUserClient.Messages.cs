using System.Buffers.Binary;
using SoftIov.Linux;

namespace SoftIov.Lab.VfioUser;

/// <content>Messages out and in. Whoever waits for a reply reads; what is for others is delivered to them.</content>
public sealed partial class VfioUserClient
{
    private const int MaximumMessage = (1 << 20) + 64;
    private static readonly TimeSpan SharedSlice = TimeSpan.FromMilliseconds(1);

    private readonly Lock _sendGate = new();
    private readonly Lock _receiveGate = new();
    private readonly ThreadLocal<PendingCall> _calls = new(() => new PendingCall());
    private readonly Dictionary<ushort, PendingCall> _pending = [];
    private byte[] _output = new byte[512];
    private byte[] _input = new byte[512];
    private readonly FileDescriptor?[] _received = new FileDescriptor?[1];
    private int _filled;
    private ushort _lastId;
    private bool _isDisconnected;
    private bool _isDisposed;

    /// <summary>Sends a command and waits for its reply, whatever it is. Throws when none comes.</summary>
    public Answer Call(ushort command, scoped ReadOnlySpan<byte> payload, params ReadOnlySpan<int> descriptors)
    {
        PendingCall call = _calls.Value!;
        ushort id;
        lock (_pending)
        {
            id = ++_lastId;
            call.Start(id);
            _pending.Add(id, call);
        }

        Interlocked.Increment(ref _waiters);
        try
        {
            Send(id, command, 0, payload, descriptors);
            Await(call, command);
            return new Answer(id, call.Flags, call.Error, call.Payload, call.File);
        }
        finally
        {
            LeaveCall();
            lock (_pending)
                _pending.Remove(id);
        }
    }

    /// <summary>Sends a command that is not answered.</summary>
    public void Post(ushort command, ReadOnlySpan<byte> payload, params ReadOnlySpan<int> descriptors)
    {
        ushort id;
        lock (_pending)
            id = ++_lastId;
        Send(id, command, ClientMessage.NoReply, payload, descriptors);
    }

    /// <summary>Sends bytes as they are, for messages that no client should send.</summary>
    public void SendRaw(ReadOnlySpan<byte> bytes, params ReadOnlySpan<int> descriptors)
    {
        lock (_sendGate)
            SendAll(0, bytes, descriptors);
    }

    /// <summary>
    /// The next message as it comes, header included; null when the server closed the connection. Not together with calls or a pump.
    /// </summary>
    public byte[]? ReceiveRaw()
    {
        byte[]? message = ReceiveRaw(out FileDescriptor? file);
        file?.Dispose();
        return message;
    }

    /// <summary>The same, and the descriptor that came with it, which is the caller's then.</summary>
    public byte[]? ReceiveRaw(out FileDescriptor? file)
    {
        file = null;
        lock (_receiveGate)
        {
            long start = Environment.TickCount64;
            int length;
            while (!TryReceiveMessage(out length))
            {
                if (IsDisconnected)
                    return null;
                RefuseLate(0, start);
                PollDescriptor.WaitReadable(Stream.Descriptor, TimeSpan.FromMilliseconds(100));
            }

            file = TakeReceived();
            return _input[..length];
        }
    }

    private Answer Ask(ushort command, scoped ReadOnlySpan<byte> payload, scoped ReadOnlySpan<int> descriptors)
    {
        Answer answer = Call(command, payload, descriptors);
        return (answer.Flags & ClientMessage.Error) == 0
            ? answer
            : throw new VfioUserException(command, answer.Error, "refused by the server");
    }

    private void Send(ushort id, ushort command, uint flags, ReadOnlySpan<byte> payload, ReadOnlySpan<int> descriptors, uint error = 0)
    {
        lock (_sendGate)
        {
            int length = ClientMessage.HeaderLength + payload.Length;
            if (_output.Length < length)
                Array.Resize(ref _output, length);
            BinaryPrimitives.WriteUInt16LittleEndian(_output, id);
            BinaryPrimitives.WriteUInt16LittleEndian(_output.AsSpan(2), command);
            BinaryPrimitives.WriteInt32LittleEndian(_output.AsSpan(4), length);
            BinaryPrimitives.WriteUInt32LittleEndian(_output.AsSpan(8), flags);
            BinaryPrimitives.WriteUInt32LittleEndian(_output.AsSpan(12), error);
            payload.CopyTo(_output.AsSpan(ClientMessage.HeaderLength));
            SendAll(command, _output.AsSpan(0, length), descriptors);
        }
    }

    private void SendAll(ushort command, ReadOnlySpan<byte> bytes, ReadOnlySpan<int> descriptors)
    {
        long start = Environment.TickCount64;
        while (!bytes.IsEmpty)
        {
            IoResult result = Stream.Send(bytes, descriptors);
            if (result.WouldBlock)
            {
                RefuseLate(command, start);
                PollDescriptor.WaitWritable(Stream.Descriptor, TimeSpan.FromMilliseconds(100));
                continue;
            }

            if (!result.Ok && result.Error != Errno.EINTR)
                throw Disconnected(command);
            bytes = bytes[result.Bytes..];
            descriptors = result.Bytes > 0 ? default : descriptors;
        }
    }

    private void Await(PendingCall call, ushort command)
    {
        long start = Environment.TickCount64;
        TimeSpan slice = _pump is null ? TimeSpan.FromMilliseconds(100) : SharedSlice;
        while (!call.IsDone)
        {
            if (IsDisconnected)
                throw Disconnected(command);
            RefuseLate(command, start);
            PollDescriptor.WaitReadable(Stream.Descriptor, slice);
            ReceiveWhile(call);
        }
    }

    /// <summary>Handles what is there, until <paramref name="call"/> is done (or, without one, until nothing is left).</summary>
    private void ReceiveWhile(PendingCall? call)
    {
        lock (_receiveGate)
        {
            while (call?.IsDone != true && TryReceiveMessage(out int length))
                Handle(_input.AsSpan(0, length), TakeReceived());
        }
    }

    private bool TryReceiveMessage(out int length)
    {
        for (length = 0; !IsDisconnected && !Volatile.Read(ref _isDisposed);)
        {
            int end = _filled < ClientMessage.HeaderLength
                ? ClientMessage.HeaderLength
                : BinaryPrimitives.ReadInt32LittleEndian(_input.AsSpan(4));
            if (end is < ClientMessage.HeaderLength or > MaximumMessage)
                throw new VfioUserException(0, Errno.EPROTO, $"a message of {end} bytes from the server");
            if (_input.Length < end)
                Array.Resize(ref _input, end);
            if (_filled >= ClientMessage.HeaderLength && _filled == end)
            {
                length = end;
                _filled = 0;
                return true;
            }

            // As a VMM does: one descriptor, with the first byte of its message.
            Span<FileDescriptor?> room = _filled == 0 ? _received : default;
            IoResult result = Stream.Receive(_input.AsSpan(_filled, end - _filled), default, room, out _, out bool isLost);
            if (isLost)
                throw new VfioUserException(0, Errno.EPROTO, "descriptors from the server that nobody asked for");
            if (result.WouldBlock)
                return false;
            if (result.Error == Errno.EINTR)
                continue;
            if (!result.Ok || result.Bytes == 0)
                Volatile.Write(ref _isDisconnected, true);
            _filled += result.Bytes;
        }

        return false;
    }

    private FileDescriptor? TakeReceived()
    {
        FileDescriptor? taken = _received[0];
        _received[0] = null;
        return taken;
    }

    private void Handle(ReadOnlySpan<byte> message, FileDescriptor? file)
    {
        ushort id = BinaryPrimitives.ReadUInt16LittleEndian(message);
        ushort command = BinaryPrimitives.ReadUInt16LittleEndian(message[2..]);
        uint flags = Word(message, 8);
        ReadOnlySpan<byte> payload = message[ClientMessage.HeaderLength..];
        if ((flags & ClientMessage.Reply) == 0)
        {
            file?.Dispose();
            Serve(id, command, flags, payload);
            return;
        }

        lock (_pending)
        {
            if (!_pending.TryGetValue(id, out PendingCall? call))
                throw new VfioUserException(command, Errno.EPROTO, $"a reply to nothing (id {id})");
            call.Complete(flags, (flags & ClientMessage.Error) != 0 ? (Errno)Word(message, 12) : Errno.None, payload, file);
        }
    }

    private void RefuseLate(ushort command, long start)
    {
        if (Environment.TickCount64 - start > _options.Timeout.TotalMilliseconds)
            throw new VfioUserException(command, Errno.ETIMEDOUT, "no answer");
    }

    private static VfioUserException Disconnected(ushort command) => new(command, Errno.ECONNRESET, "the server closed the connection");
}
