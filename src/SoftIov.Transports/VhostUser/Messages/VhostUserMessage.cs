using System.Buffers.Binary;
using SoftIov.Linux;

namespace SoftIov.Transports.VhostUser;

/// <summary>
/// One received message: header, payload, descriptors. Reused. Descriptors that nobody took are closed when the message is cleared.
/// </summary>
internal sealed class VhostUserMessage(UnixStream stream)
{
    private readonly FileDescriptor?[] _descriptors = new FileDescriptor?[VhostUserLimits.Descriptors];
    private readonly byte[] _bytes = new byte[VhostUserHeader.Length + VhostUserLimits.Payload];
    private int _filled;

    /// <summary>Decoded once its bytes are here.</summary>
    public VhostUserHeader Header { get; private set; }

    /// <summary>What follows the header.</summary>
    public ReadOnlySpan<byte> Payload => _bytes.AsSpan(VhostUserHeader.Length, (int)Header.Size);

    /// <summary>Descriptors that came with it.</summary>
    public int DescriptorCount { get; private set; }

    /// <summary>True when more came than arrived.</summary>
    public bool HasLostDescriptors { get; private set; }

    /// <summary>Nothing of it has been received.</summary>
    public bool IsEmpty => _filled == 0;

    /// <summary>True when the header is here.</summary>
    public bool HasHeader => _filled >= VhostUserHeader.Length;

    /// <summary>True when all of it is here; its header was found good before.</summary>
    public bool IsComplete => HasHeader && _filled == VhostUserHeader.Length + Header.Size;

    /// <summary>Receives more of this message and never a byte of the next: only so are descriptors those of the message they came with.</summary>
    public IoResult Receive()
    {
        int end = VhostUserHeader.Length + (HasHeader ? (int)Header.Size : 0);
        Span<FileDescriptor?> room = _descriptors.AsSpan(DescriptorCount);
        IoResult result = stream.Receive(_bytes.AsSpan(_filled, end - _filled), default, room, out int descriptors, out bool lost);
        DescriptorCount += descriptors;
        HasLostDescriptors |= lost;
        bool hadHeader = HasHeader;
        _filled += result.Bytes;
        if (HasHeader && !hadHeader)
            Header = VhostUserHeader.Read(_bytes);
        return result;
    }

    /// <summary>The payload as one number; 0 when it is shorter.</summary>
    public ulong Number => Header.Size >= sizeof(ulong) ? BinaryPrimitives.ReadUInt64LittleEndian(Payload) : 0;

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
                stream.Unclaimed.Close(unclaimed);
            _descriptors[i] = null;
        }

        DescriptorCount = 0;
        HasLostDescriptors = false;
        _filled = 0;
    }
}
