using System.Buffers.Binary;

namespace SoftIov.Transports.VhostUser;

/// <summary>The 12 bytes before every message (vhost-user specification, "Header"), in the machine's order, which is little-endian here.</summary>
/// <param name="Request">What is asked or answered.</param>
/// <param name="Flags">Version, reply, need_reply.</param>
/// <param name="Size">Bytes of the payload.</param>
internal readonly record struct VhostUserHeader(VhostUserRequest Request, uint Flags, uint Size)
{
    /// <summary>Bytes.</summary>
    public const int Length = 12;

    private const uint VersionMask = 3;
    private const uint Version = 1;
    private const uint ReplyBit = 4;
    private const uint NeedReplyBit = 8;

    /// <summary>True for a request of the version that is spoken here.</summary>
    public bool IsRequest => (Flags & (VersionMask | ReplyBit)) == Version;

    /// <summary>True when the sender wants to know what came of it.</summary>
    public bool NeedsReply => (Flags & NeedReplyBit) != 0;

    /// <summary>The answer, with so many bytes of payload.</summary>
    public VhostUserHeader Answer(int size) => new(Request, Version | ReplyBit, (uint)size);

    /// <summary>A message of the back-end's own, which wants no answer.</summary>
    public static VhostUserHeader BackEndRequest(uint request, int size) => new((VhostUserRequest)request, Version, (uint)size);

    /// <summary>Decodes.</summary>
    public static VhostUserHeader Read(ReadOnlySpan<byte> bytes) => new(
        (VhostUserRequest)BinaryPrimitives.ReadUInt32LittleEndian(bytes),
        BinaryPrimitives.ReadUInt32LittleEndian(bytes[4..]),
        BinaryPrimitives.ReadUInt32LittleEndian(bytes[8..]));

    /// <summary>Encodes.</summary>
    public void Write(Span<byte> bytes)
    {
        BinaryPrimitives.WriteUInt32LittleEndian(bytes, (uint)Request);
        BinaryPrimitives.WriteUInt32LittleEndian(bytes[4..], Flags);
        BinaryPrimitives.WriteUInt32LittleEndian(bytes[8..], Size);
    }
}
