using SoftIov.Linux;

namespace SoftIov.Transports.VfioUser;

/// <summary>
/// The receiving half of a connection. Commands come out in the order they were sent; answers to commands of ours are delivered where they
/// are read. Besides the loop a poller may read that waits for an answer: so an answer gets through while the loop is busy elsewhere, maybe
/// with waiting for that very poller.
/// </summary>
internal sealed class MessageInput(UnixStream stream, IReplies replies)
{
    private const int Capacity = 64;

    private readonly Lock _gate = new();
    private readonly Queue<Message> _waiting = new(Capacity + 1);
    private readonly Stack<Message> _free = new(Capacity + 1);
    private Message _current = new(stream);
    private SessionEnd? _end;
    private bool _isClosed;

    /// <summary>True when commands wait that were read ahead of the loop.</summary>
    public bool HasWaiting
    {
        get
        {
            lock (_gate)
                return _waiting.Count > 0;
        }
    }

    /// <summary>
    /// The next command, to be given back by <see cref="Return"/>; null when none is complete yet, and the socket was asked or
    /// <paramref name="mayReceive"/> is false. When there will never be another, <paramref name="end"/> says why.
    /// </summary>
    public Message? TakeCommand(bool mayReceive, out SessionEnd? end)
    {
        lock (_gate)
        {
            if (_waiting.Count == 0 && mayReceive)
                Read(upTo: 1);
            end = _waiting.Count == 0 ? _end : null;
            return _waiting.Count == 0 ? null : _waiting.Dequeue();
        }
    }

    /// <summary>Gives a command back.</summary>
    public void Return(Message command)
    {
        command.Clear();
        lock (_gate)
            _free.Push(command);
    }

    /// <summary>
    /// Reads what is there and delivers answers. <paramref name="forLoop"/> tells that the loop has something to do: commands wait, or no
    /// more will come.
    /// </summary>
    public PumpResult Pump(out bool forLoop)
    {
        lock (_gate)
        {
            Read(upTo: Capacity);
            forLoop = _waiting.Count > 0 || _end is not null;
            if (_end is not null || _isClosed)
                return PumpResult.Ended;
            return _waiting.Count < Capacity ? PumpResult.Going : PumpResult.Full;
        }
    }

    /// <summary>Nothing is read from now on; what was read is dropped.</summary>
    public void Close()
    {
        lock (_gate)
        {
            _isClosed = true;
            _current.Clear();
            while (_waiting.TryDequeue(out Message? command))
                command.Clear();
        }
    }

    private void Read(int upTo)
    {
        while (_waiting.Count < upTo && _end is null && !_isClosed)
        {
            IoResult result = _current.Receive();
            if (result.WouldBlock)
                return;
            if (result.Error == Errno.EINTR)
                continue;
            if (!result.Ok || result.Bytes == 0)
                _end = _current.Filled == 0 ? SessionEnd.ByClient : SessionEnd.Broken("the client went away within a message");
            else
                Advance();
        }
    }

    /// <summary>Completes what can be: of what was received for one message the end may be all of the next, if it is a bare header.</summary>
    private void Advance()
    {
        while (_current.HasHeader && _end is null)
        {
            MessageHeader header = _current.Header;
            if (header.Size is < MessageHeader.Length or > ProtocolLimits.Message)
                _end = SessionEnd.Broken($"a message of {header.Size} bytes");
            else if (!header.IsCommand && !header.IsReply)
                _end = SessionEnd.Broken($"a message of no known type (flags 0x{header.Flags:x})");
            else if (_current.IsComplete)
                Complete(header);
            else
            {
                _current.ReserveBody();
                return;
            }
        }
    }

    private void Complete(in MessageHeader header)
    {
        Message complete = _current;
        _current = _free.Count > 0 ? _free.Pop() : new Message(stream);
        complete.MoveExcess(_current);
        if (header.IsCommand)
        {
            _waiting.Enqueue(complete);
            return;
        }

        if (!replies.Deliver(header, complete.Body))
            _end = SessionEnd.Broken("an answer to nothing that was asked");
        complete.Clear();
        _free.Push(complete);
    }
}
