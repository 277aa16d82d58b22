using System.Buffers.Binary;
using SoftIov.Datapath;

namespace SoftIov.Devices.Virtio.Spec;

/// <summary>
/// struct virtio_net_hdr as a value, copied out of or into guest memory as a whole (virtio 1.4, 5.1.6). 12 bytes, or 20 with the hash
/// fields of VIRTIO_NET_F_HASH_REPORT.
/// </summary>
internal struct NetHeader
{
    /// <summary>Bytes up to num_buffers.</summary>
    public const int BaseLength = 12;

    /// <summary>Bytes up to the padding after hash_report.</summary>
    public const int HashLength = 20;

    /// <summary>VIRTIO_NET_HDR_GSO_ECN, added to gso_type.</summary>
    public const byte GsoEcn = 0x80;

    public NetHeaderFlags Flags;
    public GsoType Gso;
    public bool Ecn;
    public ushort HeaderLength;
    public ushort GsoSize;
    public ushort ChecksumStart;
    public ushort ChecksumOffset;
    public ushort BufferCount;
    public uint HashValue;
    public ushort HashReport;

    /// <summary>Length on the ring with these features.</summary>
    public static int LengthWith(VirtioFeatures features) => (features & VirtioFeatures.HashReport) != 0 ? HashLength : BaseLength;

    /// <summary>Reads the fields that a driver fills.</summary>
    public static NetHeader Read(ReadOnlySpan<byte> source) => new()
    {
        Flags = (NetHeaderFlags)source[0],
        Gso = (GsoType)(source[1] & ~GsoEcn),
        Ecn = (source[1] & GsoEcn) != 0,
        HeaderLength = BinaryPrimitives.ReadUInt16LittleEndian(source[2..]),
        GsoSize = BinaryPrimitives.ReadUInt16LittleEndian(source[4..]),
        ChecksumStart = BinaryPrimitives.ReadUInt16LittleEndian(source[6..]),
        ChecksumOffset = BinaryPrimitives.ReadUInt16LittleEndian(source[8..]),
    };

    /// <summary>Writes all fields; the length of <paramref name="destination"/> says whether the hash fields are there.</summary>
    public readonly void Write(Span<byte> destination)
    {
        destination[0] = (byte)Flags;
        destination[1] = (byte)((byte)Gso | (Ecn ? GsoEcn : 0));
        BinaryPrimitives.WriteUInt16LittleEndian(destination[2..], HeaderLength);
        BinaryPrimitives.WriteUInt16LittleEndian(destination[4..], GsoSize);
        BinaryPrimitives.WriteUInt16LittleEndian(destination[6..], ChecksumStart);
        BinaryPrimitives.WriteUInt16LittleEndian(destination[8..], ChecksumOffset);
        BinaryPrimitives.WriteUInt16LittleEndian(destination[10..], BufferCount);
        if (destination.Length >= HashLength)
        {
            BinaryPrimitives.WriteUInt32LittleEndian(destination[12..], HashValue);
            BinaryPrimitives.WriteUInt16LittleEndian(destination[16..], HashReport);
            BinaryPrimitives.WriteUInt16LittleEndian(destination[18..], 0);
        }
    }
}
