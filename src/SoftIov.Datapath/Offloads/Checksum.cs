using System.Buffers.Binary;

namespace SoftIov.Datapath;

/// <summary>The Internet checksum (RFC 1071).</summary>
internal static class Checksum
{
    /// <summary>
    /// Writes the complement of a sum. FFFFh for zero: the two are one number, and UDP reads zero as "no checksum" (RFC 768).
    /// </summary>
    public static void Store(Span<byte> field, ushort sum)
    {
        ushort checksum = (ushort)~sum;
        BinaryPrimitives.WriteUInt16BigEndian(field, checksum == 0 ? ushort.MaxValue : checksum);
    }

    /// <summary>
    /// Writes the checksum that a sender left to be done, when it lies in the frame's head; the frame then owes nothing. False when it does
    /// not, or when segmentation is owed as well.
    /// </summary>
    public static bool TryComplete(FrameBatch batch, int index)
    {
        ref Frame frame = ref batch[index];
        ref FrameOffload offload = ref frame.Offload;
        int at = offload.ChecksumStart + offload.ChecksumOffset;
        if (offload.Gso != GsoType.None || at + sizeof(ushort) > frame.HeadLength)
        {
            return false;
        }

        ushort sum = batch.Sum(index, offload.ChecksumStart, frame.Length - offload.ChecksumStart);
        Store(((Span<byte>)frame.Head)[(frame.HeadStart + at)..], sum);
        offload = new FrameOffload { ChecksumValid = true };
        return true;
    }
}
