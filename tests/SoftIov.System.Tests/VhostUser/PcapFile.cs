using System.Buffers.Binary;

namespace SoftIov.SystemTests.VhostUser;

/// <summary>Frames of a classic pcap file (draft-ietf-opsawg-pcap).</summary>
internal static class PcapFile
{
    private const int FileHeader = 24;
    private const int RecordHeader = 16;
    private const int CapturedLength = 8;

    /// <summary>All of them, in their order.</summary>
    public static byte[][] Frames(byte[] file)
    {
        var frames = new List<byte[]>();
        for (int at = FileHeader; at + RecordHeader <= file.Length;)
        {
            int length = BinaryPrimitives.ReadInt32LittleEndian(file.AsSpan(at + CapturedLength));
            frames.Add(file[(at + RecordHeader)..(at + RecordHeader + length)]);
            at += RecordHeader + length;
        }

        return [.. frames];
    }
}
