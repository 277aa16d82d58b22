using SoftIov.Linux;

namespace SoftIov.Transports.VfioUser;

/// <summary>
/// One received message: header, body, descriptors. Reused; its memory grows to the largest message it held, at most to
/// <see cref="ProtocolLimits.Message"/>.
/// </summary>
internal sealed class Message(UnixStream stream)
{
    private const int InitialSize = 512;

    /// <summary>
    /// What the first receive asks for: all of a register read. Every message that may have descriptors is longer, so when the message turns
    /// out to be shorter, descriptors of the same receive are the next one's.
    /// </summary>
    private const int FirstPart = MessageHeader.Length + RegionAccess.Length;

    private byte[] _bytes = new byte[InitialSize];

    /// <summary>Decoded once its bytes are here.</summary>
    public MessageHeader Header { get; private set; }

    /// <summary>What follows the header.</summary>
    public ReadOnlySpan<byte> Body => _bytes.AsSpan(MessageHeader.Length, (int)Header.Size - MessageHeader.Length);

    /// <summary>What came with it.</summary>
    public ReceivedDescriptors Descriptors { get; } = new(stream, ProtocolLimits.Descriptors);

    /// <summary>Bytes received so far; until <see cref="MoveExcess"/> some may be the next message's.</summary>
    public int Filled { get; private set; }

    /// <summary>True when the header is here.</summary>
    public bool HasHeader => Filled >= MessageHeader.Length;

    /// <summary>True when all of it is here.</summary>
    public bool IsComplete => HasHeader && Filled >= Header.Size;

    /// <summary>
    /// Receives more of this message. The kernel ends a receive behind bytes that carry descriptors, but not before them: so no receive takes
    /// bytes of two messages of which the first may have descriptors.
    /// </summary>
    public IoResult Receive()
    {
        int end = HasHeader ? (int)Header.Size : FirstPart;
        IoResult result = Descriptors.Receive(_bytes.AsSpan(Filled, end - Filled));
        Fill(Filled + result.Bytes);
        return result;
    }

    /// <summary>
    /// Hands what was received behind the end of this message, which is complete, to the next one: its first bytes, with the descriptors
    /// that came with them.
    /// </summary>
    public void MoveExcess(Message next)
    {
        int size = (int)Header.Size;
        if (Filled == size)
            return;
        _bytes.AsSpan(size, Filled - size).CopyTo(next._bytes);
        next.Fill(Filled - size);
        Filled = size;
        Descriptors.MoveLast(next.Descriptors);
    }

    /// <summary>Makes room for the body that the header announces.</summary>
    public void ReserveBody()
    {
        if (_bytes.Length < Header.Size)
            Array.Resize(ref _bytes, (int)Math.Min(Math.Max(Header.Size, 2 * (uint)_bytes.Length), ProtocolLimits.Message));
    }

    /// <summary>Ready for the next one.</summary>
    public void Clear()
    {
        Descriptors.Clear();
        Filled = 0;
    }

    private void Fill(int filled)
    {
        bool hadHeader = HasHeader;
        Filled = filled;
        if (HasHeader && !hadHeader)
            Header = MessageHeader.Read(_bytes);
    }
}
