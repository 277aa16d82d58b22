using System.Buffers.Binary;
using SoftIov.Linux;
using SoftIov.Memory;

namespace SoftIov.Transports.VfioUser;

/// <summary>
/// DMA by messages: DMA_READ and DMA_WRITE to the client, for memory it mapped without a file. Called by pollers, several at a time; on the
/// loop's own thread every call fails at once. A call never outlives what could keep its answer away: it fails when it is cancelled, when
/// bus mastering goes off, when the loop is stuck in a command of this client, and at the latest when the client's time is over.
/// </summary>
internal sealed class MessageDma : IMessageDma, IReplies
{
    // Pollers are few; each has one access at a time.
    private const int Slots = 32;
    private const int MaximumAbandoned = 1024;

    // How often a waiting poller looks whether it should give up, and how long the loop may be busy with a command of the same client: that
    // command may wait for the poller, and the client then cannot answer before it is served.
    private static readonly TimeSpan Slice = TimeSpan.FromMicroseconds(500);
    private static readonly TimeSpan LongestCommand = TimeSpan.FromMilliseconds(100);

    private readonly Lock _gate = new();
    private readonly MessageAccess?[] _accesses = new MessageAccess?[Slots];
    private readonly VfioUserSession _session;
    private readonly DmaDomain _domain;
    private readonly int _chunk;
    private int _suspensions;
    private int _abandoned;
    private ushort _lastId;

    public MessageDma(VfioUserSession session, DmaDomain domain, int clientTransfer)
    {
        _session = session;
        _domain = domain;
        _chunk = Math.Min(clientTransfer, ProtocolLimits.Transfer);
    }

    /// <inheritdoc/>
    public bool TryRead(ulong iova, Span<byte> destination)
    {
        long start = _session.Time.GetTimestamp();
        bool isDone = !_session.IsLoopThread;
        while (isDone && !destination.IsEmpty)
        {
            int part = Math.Min(destination.Length, _chunk);
            isDone = TryExchange(VfioUserCommand.DmaRead, iova, part, default, destination[..part], start);
            destination = destination[part..];
            iova += (ulong)part;
        }

        _session.Counts.AddMessageAccess(isDone);
        return isDone;
    }

    /// <inheritdoc/>
    public bool TryWrite(ulong iova, ReadOnlySpan<byte> source)
    {
        long start = _session.Time.GetTimestamp();
        bool isDone = !_session.IsLoopThread;
        while (isDone && !source.IsEmpty)
        {
            int part = Math.Min(source.Length, _chunk);
            isDone = TryExchange(VfioUserCommand.DmaWrite, iova, part, source[..part], default, start);
            source = source[part..];
            iova += (ulong)part;
        }

        _session.Counts.AddMessageAccess(isDone);
        return isDone;
    }

    /// <summary>
    /// Fails all calls under way and all that come until <see cref="Resume"/>: whoever waits for pollers does this first.
    /// </summary>
    public void Suspend()
    {
        lock (_gate)
        {
            _suspensions++;
            foreach (MessageAccess? access in _accesses)
            {
                if (access?.State == MessageAccessState.Waiting)
                    access.State = MessageAccessState.Cancelled;
            }
        }
    }

    /// <summary>Ends a suspension.</summary>
    public void Resume()
    {
        lock (_gate)
            _suspensions--;
    }

    /// <inheritdoc/>
    public bool Deliver(in MessageHeader header, ReadOnlySpan<byte> body)
    {
        lock (_gate)
        {
            foreach (MessageAccess? access in _accesses)
            {
                if (access is { State: MessageAccessState.Waiting or MessageAccessState.Cancelled }
                    && access.Id == header.Id && access.Command == header.Command)
                {
                    Complete(access, !header.IsError && IsFullAnswer(access, body), body);
                    return true;
                }
            }

            if (_abandoned == 0)
                return false;
            _abandoned--;
            return true;
        }
    }

    /// <summary>Whoever waits learns it now, unless it was told to give up before and is just about to.</summary>
    private static void Complete(MessageAccess access, bool isDone, ReadOnlySpan<byte> body)
    {
        isDone &= access.State == MessageAccessState.Waiting;
        if (isDone && access.Command == VfioUserCommand.DmaRead)
            body.CopyTo(access.Bytes.AsSpan(MessageHeader.Length));
        access.State = isDone ? MessageAccessState.Done : MessageAccessState.Failed;
    }

    /// <summary>
    /// A read's answer repeats address and count before the data. A write's has been seen with nothing, with address and a 32-bit count,
    /// and with address and a 64-bit count. A short count is a failure: nobody here could use half an access.
    /// </summary>
    private static bool IsFullAnswer(MessageAccess access, ReadOnlySpan<byte> body)
    {
        const int CountOffset = 8;
        const int ShortLength = 12;
        const int FullLength = 16;
        if (access.Command == VfioUserCommand.DmaRead)
        {
            return body.Length == FullLength + access.Count
                && BinaryPrimitives.ReadUInt64LittleEndian(body[CountOffset..]) == (ulong)access.Count;
        }

        return body.Length switch
        {
            0 => true,
            ShortLength => BinaryPrimitives.ReadUInt32LittleEndian(body[CountOffset..]) == (uint)access.Count,
            FullLength => BinaryPrimitives.ReadUInt64LittleEndian(body[CountOffset..]) == (ulong)access.Count,
            _ => false,
        };
    }

    private bool TryExchange(
        VfioUserCommand command, ulong iova, int count, ReadOnlySpan<byte> source, Span<byte> destination, long start)
    {
        if (Begin(command, iova, count) is not { } access)
            return false;
        int length = Encode(access, source);
        bool isDone = _session.Output.Send(access.Bytes.AsSpan(0, length)) ? Await(access, start) : Withdraw(access);
        if (isDone)
            access.Bytes.AsSpan(MessageAccess.HeadLength, destination.Length).CopyTo(destination);
        End(access);
        return isDone;
    }

    private MessageAccess? Begin(VfioUserCommand command, ulong iova, int count)
    {
        lock (_gate)
        {
            int free = Array.FindIndex(_accesses, static access => access is null or { State: MessageAccessState.Idle });
            if (free < 0 || _suspensions > 0 || _abandoned > MaximumAbandoned)
                return null;
            MessageAccess access = _accesses[free] ??= new MessageAccess();
            access.Id = ++_lastId;
            access.Command = command;
            access.Iova = iova;
            access.Count = count;
            access.State = MessageAccessState.Waiting;
            return access;
        }
    }

    private static int Encode(MessageAccess access, ReadOnlySpan<byte> source)
    {
        Span<byte> bytes = access.Bytes;
        int payload = MessageAccess.HeadLength - MessageHeader.Length + source.Length;
        MessageHeader.ForCommand(access.Id, access.Command, payload).Write(bytes);
        BinaryPrimitives.WriteUInt64LittleEndian(bytes[MessageHeader.Length..], access.Iova);
        BinaryPrimitives.WriteUInt64LittleEndian(bytes[(MessageHeader.Length + sizeof(ulong))..], (ulong)access.Count);
        source.CopyTo(bytes[MessageAccess.HeadLength..]);
        return MessageHeader.Length + payload;
    }

    private bool Await(MessageAccess access, long start)
    {
        while (access.State == MessageAccessState.Waiting)
        {
            if (!_domain.BusMasterEnable || _session.CommandTime() > LongestCommand)
                return false;
            if (_session.Time.GetElapsedTime(start) > _session.Settings.MessageTimeout)
            {
                _session.Condemn("the client does not answer DMA messages");
                return false;
            }

            PollDescriptor.WaitReadable(_session.Stream.Descriptor, Slice);
            switch (_session.PumpInput())
            {
                case PumpResult.Full:
                    Thread.Sleep(1);
                    break;
                case PumpResult.Ended:
                    return access.State == MessageAccessState.Done;
            }
        }

        return access.State == MessageAccessState.Done;
    }

    /// <summary>It was never sent, so no answer will come.</summary>
    private bool Withdraw(MessageAccess access)
    {
        access.State = MessageAccessState.Failed;
        return false;
    }

    private void End(MessageAccess access)
    {
        lock (_gate)
        {
            if (access.State is MessageAccessState.Waiting or MessageAccessState.Cancelled)
                _abandoned++;
            access.State = MessageAccessState.Idle;
        }
    }
}
