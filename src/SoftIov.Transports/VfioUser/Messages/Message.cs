using SoftIov.Linux;

namespace SoftIov.Transports.VfioUser;

/// <summary>
/// One received message: header, body, descriptors. Reused; its memory grows to the largest message it held, at most to
/// <see cref="ProtocolLimits.Message"/>. Descriptors that nobody took are closed when the message is.
/// </summary>
internal sealed class Message
{
    private const int InitialSize = 512;

    private readonly FileDescriptor?[] _descriptors = new FileDescriptor?[ProtocolLimits.Descriptors];
    private byte[] _bytes = new byte[InitialSize];

    /// <summary>Decoded once its bytes are here.</summary>
    public MessageHeader Header { get; private set; }

    /// <summary>What follows the header.</summary>
    public ReadOnlySpan<byte> Body => _bytes.AsSpan(MessageHeader.Length, (int)Header.Size - MessageHeader.Length);

    /// <summary>Descriptors that came with it.</summary>
    public int DescriptorCount { get; private set; }

    /// <summary>True when more came than arrived.</summary>
    public bool HasLostDescriptors { get; private set; }

    /// <summary>Bytes received so far.</summary>
    public int Filled { get; private set; }

    /// <summary>True when the header is here.</summary>
    public bool HasHeader => Filled >= MessageHeader.Length;

    /// <summary>True when all of it is here.</summary>
    public bool IsComplete => HasHeader && Filled == Header.Size;

    /// <summary>
    /// Receives more of this message and never a byte of the next: only so are descriptors those of the message they came with. The first
    /// call reads no more than the header.
    /// </summary>
    public IoResult Receive(UnixStream stream)
    {
        int end = HasHeader ? (int)Header.Size : MessageHeader.Length;
        Span<FileDescriptor?> room = _descriptors.AsSpan(DescriptorCount);
        IoResult result = stream.Receive(_bytes.AsSpan(Filled, end - Filled), default, room, out int descriptors, out bool lost);
        DescriptorCount += descriptors;
        HasLostDescriptors |= lost;
        bool hadHeader = HasHeader;
        Filled += result.Bytes;
        if (HasHeader && !hadHeader)
            Header = MessageHeader.Read(_bytes);
        return result;
    }

    /// <summary>Makes room for the body that the header announces.</summary>
    public void ReserveBody()
    {
        if (_bytes.Length < Header.Size)
            Array.Resize(ref _bytes, (int)Math.Min(Math.Max(Header.Size, 2 * (uint)_bytes.Length), ProtocolLimits.Message));
    }

    /// <summary>A descriptor; whoever keeps it takes it with <see cref="Take"/>.</summary>
    public FileDescriptor Descriptor(int index) => _descriptors[index]!;

    /// <summary>Hands a descriptor over.</summary>
    public FileDescriptor Take(int index)
    {
        FileDescriptor taken = _descriptors[index]!;
        _descriptors[index] = null;
        return taken;
    }

    /// <summary>Ready for the next one.</summary>
    public void Clear()
    {
        for (int i = 0; i < DescriptorCount; i++)
        {
            if (_descriptors[i] is { } unclaimed)
                UnclaimedDescriptor.Close(unclaimed);
            _descriptors[i] = null;
        }

        DescriptorCount = 0;
        HasLostDescriptors = false;
        Filled = 0;
    }
}
