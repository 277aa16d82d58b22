using SoftIov.Linux;

namespace SoftIov.Transports;

/// <summary>Descriptors that came with one message, at most <paramref name="capacity"/>. Those that nobody took are closed with it.</summary>
internal sealed class ReceivedDescriptors(UnixStream stream, int capacity)
{
    private readonly FileDescriptor?[] _descriptors = new FileDescriptor?[capacity];
    private int _fromLast;
    private bool _isLossFresh;

    /// <summary>How many came.</summary>
    public int Count { get; private set; }

    /// <summary>True when more came than arrived.</summary>
    public bool AreLost { get; private set; }

    /// <summary>One of them; whoever keeps it takes it with <see cref="Take"/>.</summary>
    public FileDescriptor this[int index] => _descriptors[index]!;

    /// <summary>Receives bytes and keeps what comes with them.</summary>
    public IoResult Receive(Span<byte> bytes)
    {
        IoResult result = stream.Receive(bytes, default, _descriptors.AsSpan(Count), out _fromLast, out _isLossFresh);
        Count += _fromLast;
        AreLost |= _isLossFresh;
        return result;
    }

    /// <summary>Hands one over.</summary>
    public FileDescriptor Take(int index)
    {
        FileDescriptor taken = _descriptors[index]!;
        _descriptors[index] = null;
        return taken;
    }

    /// <summary>What came with the last receive was the next message's, which has none yet.</summary>
    public void MoveLast(ReceivedDescriptors next)
    {
        for (; _fromLast > 0; _fromLast--)
            next._descriptors[next.Count++] = Take(Count - _fromLast);
        Count -= next.Count;
        next.AreLost = _isLossFresh;
        AreLost &= !_isLossFresh;
    }

    /// <summary>Ready for the next message.</summary>
    public void Clear()
    {
        for (int i = 0; i < Count; i++)
        {
            if (_descriptors[i] is { } unclaimed)
                stream.Unclaimed.Close(unclaimed);
            _descriptors[i] = null;
        }

        Count = 0;
        AreLost = false;
        _fromLast = 0;
    }
}
