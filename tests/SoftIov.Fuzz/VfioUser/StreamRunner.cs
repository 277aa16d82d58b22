using System.Buffers.Binary;
using SoftIov.Linux;
using SoftIov.Transports.VfioUser;

namespace SoftIov.Fuzz.VfioUser;

/// <summary>
/// Sends a stream to a server and holds what comes back against the oracle; in the end nothing of the client's may be left.
/// </summary>
internal sealed class StreamRunner(VfioUserSocket socket, FuzzedFunction function) : IDisposable
{
    private const int HeaderLength = 16;
    private const ushort DmaRead = 11;
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);
    private static readonly TimeSpan Slice = TimeSpan.FromMilliseconds(50);

    private readonly DescriptorSet _descriptors = new();
    private readonly byte[] _buffer = new byte[65536];
    private readonly List<byte> _input = [];
    private readonly Queue<byte[]> _requests = new();
    private readonly List<Task> _accesses = [];
    private ReplyOracle _oracle = new();
    private UnixStream _stream = UnixStream.Connect(socket.Path);
    private bool _isEnded;
    private string? _failure;
    private string? _reason;

    /// <summary>Null when all went as it must.</summary>
    public string? Run(List<Step> steps)
    {
        _stream.Descriptor.SetNonBlocking();
        socket.Detached += OnDetached;
        foreach (Step step in steps)
        {
            Do(step);
            if (_failure is not null)
                break;
        }

        Finish();
        socket.Detached -= OnDetached;
        return _failure;
    }

    public void Dispose()
    {
        _stream.Dispose();
        _descriptors.Dispose();
    }

    private void OnDetached(VfioUserSocket ended, string reason) => _reason = reason;

    private void Do(Step step)
    {
        switch (step.Kind)
        {
            case StepKind.Send:
                Send(step.Bytes, _descriptors.NumbersOf(step.Descriptors));
                break;
            case StepKind.Read or StepKind.Write:
                _accesses.Add(function.Dma.Start(step.Kind, step.Iova, step.Length));
                break;
            case StepKind.Answer:
                Answer(step.Length);
                break;
            default:
                Finish();
                Connect();
                break;
        }

        Receive();
    }

    private void Connect()
    {
        _stream.Dispose();
        _stream = UnixStream.Connect(socket.Path);
        _stream.Descriptor.SetNonBlocking();
        _oracle = new ReplyOracle();
        _input.Clear();
        _requests.Clear();
        _isEnded = false;
    }

    private void Send(ReadOnlySpan<byte> bytes, ReadOnlySpan<int> descriptors)
    {
        _oracle.Sent(bytes);
        long start = Environment.TickCount64;
        while (!bytes.IsEmpty && !_isEnded)
        {
            IoResult result = _stream.Send(bytes, descriptors);

            // The server is gone, but what it said before can still be read.
            if (!result.Ok && !result.WouldBlock)
                break;
            if (result.WouldBlock && !PollDescriptor.WaitWritable(_stream.Descriptor, Slice) && IsLate(start))
                return;
            descriptors = result.Bytes > 0 ? default : descriptors;
            bytes = bytes[result.Bytes..];
            Receive();
        }
    }

    private void Answer(int excess)
    {
        long start = Environment.TickCount64;
        while (_requests.Count == 0
            && !_isEnded
            && !_accesses.TrueForAll(access => access.IsCompleted)
            && Environment.TickCount64 - start < Slice.TotalMilliseconds)
        {
            PollDescriptor.WaitReadable(_stream.Descriptor, TimeSpan.FromMilliseconds(1));
            Receive();
        }

        if (!_requests.TryDequeue(out byte[]? request))
            return;
        ushort command = BinaryPrimitives.ReadUInt16LittleEndian(request.AsSpan(2));
        int count = command == DmaRead ? BinaryPrimitives.ReadInt32LittleEndian(request.AsSpan(24)) : 0;
        byte[] answer = new byte[HeaderLength + Math.Max(HeaderLength + count + excess, 0)];
        request.AsSpan(0, Math.Min(HeaderLength + HeaderLength, answer.Length)).CopyTo(answer);
        BinaryPrimitives.WriteInt32LittleEndian(answer.AsSpan(4), answer.Length);
        answer[8] = 1;
        Send(answer, default);
    }

    private void Receive()
    {
        while (!_isEnded && _failure is null)
        {
            IoResult result = _stream.Receive(_buffer);
            if (result.WouldBlock)
                return;
            if (!result.Ok || result.Bytes == 0)
                _isEnded = true;
            _input.AddRange(_buffer.AsSpan(0, result.Bytes));
            while (TryTake(out byte[] message))
                Handle(message);
        }

        if (_isEnded && !_oracle.MayEnd)
        {
            Thread.Sleep(Slice);
            _failure ??= $"the server ended the session of a client that broke nothing ({_reason}); {_oracle.Outstanding} replies were due";
        }
    }

    private bool TryTake(out byte[] message)
    {
        message = [];
        if (_input.Count < HeaderLength)
            return false;
        int size = BinaryPrimitives.ReadInt32LittleEndian(_input.GetRange(4, 4).ToArray());
        if (size < HeaderLength)
            _failure ??= $"a message of {size} bytes from the server";
        if (size < HeaderLength || _input.Count < size)
            return false;
        message = [.. _input.GetRange(0, size)];
        _input.RemoveRange(0, size);
        return true;
    }

    private void Handle(byte[] message)
    {
        if ((message[8] & 0xF) == 0)
            _requests.Enqueue(message);
        else
            _failure ??= _oracle.Check(message);
    }

    /// <summary>Takes what is due, goes, and looks whether anything is left behind.</summary>
    private void Finish()
    {
        long start = Environment.TickCount64;
        while (_oracle.Outstanding > 0 && !_isEnded && _failure is null)
        {
            PollDescriptor.WaitReadable(_stream.Descriptor, Slice);
            Receive();
            if (IsLate(start))
                return;

            // A client that broke the protocol may have been left without its last replies.
            if (_oracle.MayEnd && Environment.TickCount64 - start > Slice.TotalMilliseconds)
                break;
        }

        _stream.Shutdown();
        while (socket.Attachment is not null || function.Endpoint.Dma.Count != 0)
        {
            Thread.Sleep(1);
            if (IsLate(start))
                return;
        }

        if (!Task.WhenAll(_accesses).Wait(Patience))
            _failure ??= "a poller hangs in a DMA message";
        _accesses.Clear();
        CheckLeaks(start);
    }

    private void CheckLeaks(long start)
    {
        string? leak;
        while ((leak = _descriptors.Leak()) is not null && !IsLate(start))
            Thread.Sleep(1);
        _failure ??= leak;
    }

    private bool IsLate(long start)
    {
        if (Environment.TickCount64 - start < Patience.TotalMilliseconds)
            return false;
        _failure ??= $"the server hangs; {_oracle.Outstanding} replies are due, {function.Endpoint.Dma.Count} mappings left";
        return true;
    }
}
