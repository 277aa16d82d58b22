using System.Buffers.Binary;

namespace SoftIov.Cli.Capture;

/// <summary>
/// Follows a classic pcap file (draft-ietf-opsawg-pcap) piece by piece: counts its frames and finds the byte after the last one wanted.
/// </summary>
/// <param name="limit">Frames wanted.</param>
internal sealed class PcapFrames(long limit)
{
    private const int FileHeaderBytes = 24;
    private const int RecordHeaderBytes = 16;
    private const int CapturedLengthOffset = 8;

    private readonly byte[] _header = new byte[RecordHeaderBytes];
    private int _headerBytes;
    private long _skipBytes = FileHeaderBytes;
    private bool _inFrame;

    /// <summary>Frames that are whole.</summary>
    public long Count { get; private set; }

    /// <summary>Whether all wanted frames are there.</summary>
    public bool IsComplete => Count >= limit;

    /// <summary>Takes the next piece; returns how many of its bytes belong to the wanted frames.</summary>
    public int Take(ReadOnlySpan<byte> piece)
    {
        int at = 0;
        while (!IsComplete && at < piece.Length)
        {
            if (_skipBytes > 0)
            {
                int skipped = (int)Math.Min(_skipBytes, piece.Length - at);
                _skipBytes -= skipped;
                at += skipped;
            }
            else
            {
                at += TakeHeader(piece[at..]);
            }

            FinishFrame();
        }

        return at;
    }

    private int TakeHeader(ReadOnlySpan<byte> piece)
    {
        int taken = Math.Min(RecordHeaderBytes - _headerBytes, piece.Length);
        piece[..taken].CopyTo(_header.AsSpan(_headerBytes));
        _headerBytes += taken;
        if (_headerBytes == RecordHeaderBytes)
        {
            _skipBytes = BinaryPrimitives.ReadUInt32LittleEndian(_header.AsSpan(CapturedLengthOffset));
            _headerBytes = 0;
            _inFrame = true;
        }

        return taken;
    }

    private void FinishFrame()
    {
        if (_inFrame && _skipBytes == 0)
        {
            Count++;
            _inFrame = false;
        }
    }
}
