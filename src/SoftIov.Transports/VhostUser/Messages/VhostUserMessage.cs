using System.Buffers.Binary;
using SoftIov.Linux;

namespace SoftIov.Transports.VhostUser;

/// <summary>
/// One received message: header, payload, descriptors. Reused.
/// </summary>
internal sealed class VhostUserMessage(UnixStream stream)
{
    private readonly byte[] _bytes = new byte[VhostUserHeader.Length + VhostUserLimits.Payload];
    private int _filled;

    /// <summary>Decoded once its bytes are here.</summary>
    public VhostUserHeader Header { get; private set; }

    /// <summary>What follows the header.</summary>
    public ReadOnlySpan<byte> Payload => _bytes.AsSpan(VhostUserHeader.Length, (int)Header.Size);

    /// <summary>What came with it.</summary>
    public ReceivedDescriptors Descriptors { get; } = new(stream, VhostUserLimits.Descriptors);

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
        IoResult result = Descriptors.Receive(_bytes.AsSpan(_filled, end - _filled));
        bool hadHeader = HasHeader;
        _filled += result.Bytes;
        if (HasHeader && !hadHeader)
            Header = VhostUserHeader.Read(_bytes);
        return result;
    }

    /// <summary>The payload as one number; 0 when it is shorter.</summary>
    public ulong Number => Header.Size >= sizeof(ulong) ? BinaryPrimitives.ReadUInt64LittleEndian(Payload) : 0;

    /// <summary>Ready for the next one.</summary>
    public void Clear()
    {
        Descriptors.Clear();
        _filled = 0;
    }
}
