using System.Buffers.Binary;
using SoftIov.Linux;

namespace SoftIov.Transports.VfioUser;

/// <summary>
/// The sending half of a connection. Each message leaves by a send of its own, since clients read a header in one piece. What the kernel
/// does not take at once waits here, bounded, and goes on when the loop finds the socket writable. From any thread.
/// </summary>
/// <param name="stream">The connection.</param>
/// <param name="loop">Where it is watched.</param>
/// <param name="token">What it is watched as.</param>
/// <param name="onOverflow">Called when too much waits already: the client does not read.</param>
internal sealed class MessageOutput(UnixStream stream, Epoll loop, ulong token, Action onOverflow)
{
    /// <summary>Bytes that may wait.</summary>
    public const int Capacity = 4 * ProtocolLimits.Message;

    private const int SizeOffset = 4;

    private readonly Lock _gate = new();
    private byte[] _pending = [];
    private int _start;
    private int _end;
    private int _rest;
    private FileDescriptor? _descriptor;
    private int _descriptorAt;
    private bool _isClosed;

    /// <summary>True while something waits: nothing more is read from the client until it is gone.</summary>
    public bool IsBlocked
    {
        get
        {
            lock (_gate)
                return _start != _end;
        }
    }

    /// <summary>
    /// Sends a message or keeps it; false when the connection is broken or too much waits already. A descriptor goes with the first byte of its
    /// message; one may wait at a time, and stays open until <see cref="Close"/>.
    /// </summary>
    public bool Send(ReadOnlySpan<byte> message, FileDescriptor? descriptor = null)
    {
        lock (_gate)
        {
            if (_isClosed)
                return false;
            if (_start != _end)
                return TryKeep(message, descriptor);
            IoResult result = SendUninterrupted(message, descriptor);
            if (result.Bytes == message.Length)
                return true;
            if (!result.Ok && !result.WouldBlock)
                return false;
            _rest = result.Bytes == 0 ? 0 : message.Length - result.Bytes;
            loop.Modify(stream.Descriptor, EpollEvents.Out, token);
            return TryKeep(message[result.Bytes..], result.Bytes == 0 ? descriptor : null);
        }
    }

    /// <summary>Sends what waits, as far as the kernel takes it; false when the connection is broken.</summary>
    public bool Flush()
    {
        lock (_gate)
        {
            while (_start != _end && !_isClosed)
            {
                int length = _rest != 0 ? _rest : (int)BinaryPrimitives.ReadUInt32LittleEndian(_pending.AsSpan(_start + SizeOffset));
                bool hasDescriptor = _descriptor is not null && _descriptorAt == _start;
                IoResult result = SendUninterrupted(_pending.AsSpan(_start, length), hasDescriptor ? _descriptor : null);
                if (result.WouldBlock)
                    return true;
                if (!result.Ok)
                    return false;
                if (hasDescriptor)
                    _descriptor = null;
                _start += result.Bytes;
                _rest = length - result.Bytes;
            }

            if (!_isClosed)
                loop.Modify(stream.Descriptor, EpollEvents.In, token);
            return true;
        }
    }

    /// <summary>Nothing is sent from now on.</summary>
    public void Close()
    {
        lock (_gate)
            _isClosed = true;
    }

    private IoResult SendUninterrupted(ReadOnlySpan<byte> bytes, FileDescriptor? descriptor)
    {
        IoResult result;
        do
            result = descriptor is null ? stream.Send(bytes) : stream.Send(bytes, [descriptor.Number]);
        while (result.Error == Errno.EINTR);
        return result;
    }

    private bool TryKeep(ReadOnlySpan<byte> bytes, FileDescriptor? descriptor)
    {
        if (_end - _start + bytes.Length > Capacity)
        {
            onOverflow();
            return false;
        }

        if (_end + bytes.Length > _pending.Length)
        {
            byte[] room = _pending.Length < Capacity ? new byte[Capacity] : _pending;
            _pending.AsSpan(_start.._end).CopyTo(room);
            (_start, _end, _pending, _descriptorAt) = (0, _end - _start, room, _descriptorAt - _start);
        }

        if (descriptor is not null)
            (_descriptor, _descriptorAt) = (descriptor, _end);
        bytes.CopyTo(_pending.AsSpan(_end));
        _end += bytes.Length;
        return true;
    }
}
