using System.Runtime.InteropServices;
using SoftIov.Datapath;

namespace SoftIov.Transports.Uplinks;

/// <summary>
/// The header that taps and packet sockets carry in front of each frame: struct virtio_net_hdr (virtio 1.4, 5.1.6), in host byte order, with
/// offsets from the first byte of the Ethernet header.
/// </summary>
[StructLayout(LayoutKind.Sequential, Pack = 1)]
internal struct VnetHeader
{
    /// <summary>Length in bytes.</summary>
    public const int Size = 10;

    private const byte NeedsChecksum = 1;
    private const byte DataValid = 2;
    private const byte Ecn = 0x80;

    private byte _flags;
    private byte _gsoType;
    private ushort _headerLength;
    private ushort _gsoSize;
    private ushort _checksumStart;
    private ushort _checksumOffset;

    /// <summary>Writes what is owed to a frame.</summary>
    public static void Write(Span<byte> header, in FrameOffload offload)
    {
        VnetHeader value = default;
        if (offload.NeedsChecksum)
        {
            value._flags = NeedsChecksum;
            value._checksumStart = offload.ChecksumStart;
            value._checksumOffset = offload.ChecksumOffset;
        }
        else if (offload.ChecksumValid)
        {
            value._flags = DataValid;
        }

        if (offload.Gso != GsoType.None)
        {
            value._gsoType = (byte)((byte)offload.Gso | (offload.Ecn ? Ecn : 0));
            value._headerLength = offload.HeaderLength;
            value._gsoSize = offload.GsoSize;
        }

        MemoryMarshal.Write(header, in value);
    }

    /// <summary>Reads what the host left to do. Whether it can be done is for the switch to check.</summary>
    public static FrameOffload Read(ReadOnlySpan<byte> header)
    {
        VnetHeader value = MemoryMarshal.Read<VnetHeader>(header);
        return new FrameOffload
        {
            NeedsChecksum = (value._flags & NeedsChecksum) != 0,
            ChecksumValid = (value._flags & DataValid) != 0,
            Ecn = (value._gsoType & Ecn) != 0,
            Gso = (GsoType)(value._gsoType & ~Ecn),
            HeaderLength = value._headerLength,
            GsoSize = value._gsoSize,
            ChecksumStart = value._checksumStart,
            ChecksumOffset = value._checksumOffset,
        };
    }
}
