using System.Buffers.Binary;

namespace SoftIov.SystemTests.VhostUser;

/// <summary>Frames of a classic pcap file (draft-ietf-opsawg-pcap).</summary>
internal static class PcapFile
{
    private const uint Magic = 0xA1B2_C3D4;
    private const int FileHeader = 24;
    private const int RecordHeader = 16;
    private const int CapturedLength = 8;
    private const int WholeLength = 12;
    private const int MostOfFrame = 65535;
    private const int Ethernet = 1;

    /// <summary>All of them, in their order; a frame that was being written when its writer ended is left out.</summary>
    public static byte[][] Frames(byte[] file)
    {
        var frames = new List<byte[]>();
        for (int at = FileHeader; at + RecordHeader <= file.Length;)
        {
            int length = BinaryPrimitives.ReadInt32LittleEndian(file.AsSpan(at + CapturedLength));
            int end = at + RecordHeader + length;
            if (end <= file.Length)
                frames.Add(file[(at + RecordHeader)..end]);
            at = end;
        }

        return [.. frames];
    }

    /// <summary>Makes a file of frames.</summary>
    public static void Write(string path, IReadOnlyList<byte[]> frames)
    {
        using FileStream file = File.Create(path);
        Span<byte> header = stackalloc byte[FileHeader];
        BinaryPrimitives.WriteUInt32LittleEndian(header, Magic);
        BinaryPrimitives.WriteUInt16LittleEndian(header[4..], 2);
        BinaryPrimitives.WriteUInt16LittleEndian(header[6..], 4);
        BinaryPrimitives.WriteInt32LittleEndian(header[16..], MostOfFrame);
        BinaryPrimitives.WriteInt32LittleEndian(header[20..], Ethernet);
        file.Write(header);
        header = header[..RecordHeader];
        header.Clear();
        foreach (byte[] frame in frames)
        {
            BinaryPrimitives.WriteInt32LittleEndian(header[CapturedLength..], frame.Length);
            BinaryPrimitives.WriteInt32LittleEndian(header[WholeLength..], frame.Length);
            file.Write(header);
            file.Write(frame);
        }
    }
}
