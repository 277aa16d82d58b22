using SoftIov.Datapath;
using SoftIov.Memory;

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

    /// <summary>Bytes 8 to 11 of a header that says no more than that the frame is in one buffer; bytes 0 to 7 are 0.</summary>
    public const uint OneBuffer = 1 << 16;

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

    /// <summary>Takes the fields that a driver fills out of a header's first 12 bytes, read as two little-endian words.</summary>
    public static NetHeader Parse(ulong low, uint high) => new()
    {
        Flags = (NetHeaderFlags)(byte)low,
        Gso = (GsoType)((byte)(low >> 8) & ~GsoEcn),
        Ecn = ((byte)(low >> 8) & GsoEcn) != 0,
        HeaderLength = (ushort)(low >> 16),
        GsoSize = (ushort)(low >> 32),
        ChecksumStart = (ushort)(low >> 48),
        ChecksumOffset = (ushort)high,
    };

    /// <summary>Bytes 0 to 7 as a little-endian word.</summary>
    public readonly ulong Low =>
        (byte)Flags | ((ulong)((byte)Gso | (Ecn ? GsoEcn : 0)) << 8) | ((ulong)HeaderLength << 16)
        | ((ulong)GsoSize << 32) | ((ulong)ChecksumStart << 48);

    /// <summary>Bytes 8 to 11 as a little-endian word.</summary>
    public readonly uint High => ChecksumOffset | ((uint)BufferCount << 16);

    /// <summary>Writes all fields, those of the hash when <paramref name="length"/> says so.</summary>
    public readonly void Write(ref GuestWriter writer, int length)
    {
        writer.Write(Low);
        writer.Write(High);
        if (length == HashLength)
            writer.Write(HashValue | ((ulong)HashReport << 32));
    }
}
