using System.Buffers.Binary;

namespace SoftIov.Transports.VhostUser;

/// <summary>
/// What a back-end says of itself to the one that a guest moves to. All that a guest needs is in its front-end's hands (features, positions of
/// rings, which are enabled), so this names what both sides must agree on: the format, its version, and the features in use.
/// </summary>
/// <param name="Features">Features that were chosen.</param>
internal readonly record struct SavedState(ulong Features)
{
    /// <summary>Bytes.</summary>
    public const int Length = 24;

    private const uint Version = 1;
    private static ReadOnlySpan<byte> Magic => "SoftIov\0"u8;

    /// <summary>Encodes.</summary>
    public void Write(Span<byte> bytes)
    {
        Magic.CopyTo(bytes);
        BinaryPrimitives.WriteUInt32LittleEndian(bytes[8..], Version);
        BinaryPrimitives.WriteUInt32LittleEndian(bytes[12..], Length);
        BinaryPrimitives.WriteUInt64LittleEndian(bytes[16..], Features);
    }

    /// <summary>Decodes; false when it is none, or of a version that is not known here.</summary>
    public static bool TryRead(ReadOnlySpan<byte> bytes, out SavedState state)
    {
        bool isGood = bytes.Length == Length && bytes.StartsWith(Magic)
            && BinaryPrimitives.ReadUInt32LittleEndian(bytes[8..]) == Version
            && BinaryPrimitives.ReadUInt32LittleEndian(bytes[12..]) == Length;
        state = isGood ? new SavedState(BinaryPrimitives.ReadUInt64LittleEndian(bytes[16..])) : default;
        return isGood;
    }
}
