using System.Buffers.Binary;
using SoftIov.Memory;

namespace SoftIov.Datapath;

/// <summary>
/// Segmentation in software for receivers that do not take it over: TCP and UDP over IPv4 and IPv6, and checksums that lie beyond a frame's
/// head. Segments share the payload with the sender's buffers; only their headers are made here. Scratch of one poller: made when first
/// needed, used frame by frame.
/// </summary>
internal sealed class Segmentation
{
    /// <summary>Headers as the sender wrote them and tags that the switch pushed.</summary>
    private const int HeaderRoom = HeaderLayout.MaxLength + FrameHead.Headroom;

    private readonly ScratchMemory _headers = new((FrameBatch.Capacity + 1) * HeaderRoom);
    private readonly Segment[] _payload = new Segment[FrameBatch.SegmentCapacity + 1];
    private readonly Segment[] _frame = new Segment[FrameBatch.SegmentCapacity + 2];
    private readonly byte[] _template = new byte[HeaderRoom];
    private HeaderLayout _layout;
    private FrameOffload _request;
    private int _headerLength;
    private int _payloadLeft;
    private int _payloadSegments;
    private int _segment;
    private int _segmentOffset;
    private int _number;
    private bool _passChecksum;

    /// <summary>Frames made by <see cref="Fill"/>; the caller empties it.</summary>
    public FrameBatch Output { get; } = new();

    /// <summary>Whether something is left of the frame: after the last <see cref="Fill"/>, that it lies in too many pieces.</summary>
    public bool HasMore => _payloadLeft > 0 || _number == 0;

    /// <summary>Starts on a frame whose request was found right (<see cref="OffloadRequest.TryNormalise"/>).</summary>
    public void Start(FrameBatch batch, int index, OffloadSet accepted)
    {
        ref Frame frame = ref batch[index];
        _request = frame.Offload;
        _passChecksum = (accepted & OffloadSet.Checksum) != 0;
        bool isGso = _request.Gso != GsoType.None;
        _headerLength = isGso ? _request.HeaderLength : _request.ChecksumStart + _request.ChecksumOffset + sizeof(ushort);
        Span<byte> template = _template.AsSpan(0, _headerLength);
        batch.CopyTo(index, 0, template);
        if (isGso)
        {
            HeaderLayout.TryParse(template, out _layout);
        }
        else
        {
            Checksum.Store(template[^sizeof(ushort)..], batch.Sum(index, _request.ChecksumStart, frame.Length - _request.ChecksumStart));
        }

        _payloadLeft = frame.Length - _headerLength;
        _number = 0;
        CollectPayload(batch, index);
    }

    /// <summary>Makes as many segments as the output takes; false when there are no more.</summary>
    public bool Fill()
    {
        int before = Output.Count;
        while (HasMore && TryAddNext())
        {
            _number++;
        }

        return Output.Count > before;
    }

    /// <summary>The bytes after the headers: those that lie in the frame's head, then the sender's buffers.</summary>
    private void CollectPayload(FrameBatch batch, int index)
    {
        int inHead = Math.Max(0, batch[index].HeadLength - _headerLength);
        int scratch = FrameBatch.Capacity * HeaderRoom;
        batch.Head(index)[^inHead..].CopyTo(_headers.Span[scratch..]);
        _payload[0] = _headers.Segment(scratch, inHead);
        ReadOnlySpan<Segment> tail = batch.Tail(index);
        tail.CopyTo(_payload.AsSpan(1));
        _payloadSegments = 1 + tail.Length;
        _segment = 0;
        _segmentOffset = Math.Max(0, _headerLength - batch[index].HeadLength);
        if (_segmentOffset > 0)
        {
            // Headers that reach beyond the head were copied out of the buffers.
            _segment = 1;
            Skip();
        }
    }

    private void Skip()
    {
        while (_segment < _payloadSegments && _segmentOffset >= _payload[_segment].Length)
        {
            _segmentOffset -= _payload[_segment++].Length;
        }
    }

    private bool TryAddNext()
    {
        bool isGso = _request.Gso != GsoType.None;
        int length = isGso ? Math.Min(_payloadLeft, _request.GsoSize) : _payloadLeft;
        (int segment, int offset) = (_segment, _segmentOffset);
        int count = 1 + TakePayload(length);
        if (!Output.HasRoomFor(count))
        {
            (_segment, _segmentOffset) = (segment, offset);
            return false;
        }

        int at = Output.Count * HeaderRoom;
        Span<byte> header = _headers.Span.Slice(at, _headerLength);
        _template.AsSpan(0, _headerLength).CopyTo(header);
        var offload = new FrameOffload { ChecksumValid = true };
        if (isGso)
        {
            offload = WriteHeaders(header, _frame.AsSpan(1, count - 1), length);
        }

        _frame[0] = _headers.Segment(at, _headerLength);
        _payloadLeft -= length;
        return Output.TryAdd(_frame.AsSpan(0, count), 0, _headerLength + length, offload);
    }

    /// <summary>Lists the next bytes of the payload behind the place of the header; returns in how many pieces they lie.</summary>
    private int TakePayload(int length)
    {
        int count = 0;
        while (length > 0)
        {
            Segment from = _payload[_segment];
            int part = Math.Min(length, from.Length - _segmentOffset);
            if (part > 0)
            {
                _frame[1 + count++] = from.Slice(_segmentOffset, part);
            }

            length -= part;
            _segmentOffset += part;
            Skip();
        }

        return count;
    }

    private FrameOffload WriteHeaders(Span<byte> header, ReadOnlySpan<Segment> payload, int length)
    {
        bool isLast = length == _payloadLeft;
        Span<byte> network = header[_layout.Network.._layout.Transport];
        Span<byte> transport = header[_layout.Transport..];
        if (_layout.IsIPv6)
        {
            InternetHeader.WriteIPv6(network, transport.Length + length);
        }
        else
        {
            InternetHeader.WriteIPv4(network, transport.Length + length, _number);
        }

        if (_layout.IsTcp)
        {
            InternetHeader.WriteTcp(transport, (uint)_number * _request.GsoSize, isFirst: _number == 0, isLast);
        }
        else
        {
            InternetHeader.WriteUdp(transport, transport.Length + length);
        }

        return WriteChecksum(network, transport, payload, length);
    }

    private FrameOffload WriteChecksum(ReadOnlySpan<byte> network, Span<byte> transport, ReadOnlySpan<Segment> payload, int length)
    {
        Span<byte> field = transport.Slice(_layout.ChecksumOffset, sizeof(ushort));
        ushort pseudo = InternetHeader.PseudoSum(network, _layout.IsIPv6, _layout.Protocol, transport.Length + length);
        if (_passChecksum)
        {
            BinaryPrimitives.WriteUInt16BigEndian(field, pseudo);
            return new FrameOffload
            {
                NeedsChecksum = true,
                HeaderLength = (ushort)_headerLength,
                ChecksumStart = (ushort)_layout.Transport,
                ChecksumOffset = (ushort)_layout.ChecksumOffset,
            };
        }

        field.Clear();
        Checksum.Store(field, GuestCopy.Sum(payload, 0, length, GuestCopy.Sum(transport, pseudo)));
        return new FrameOffload { ChecksumValid = true };
    }
}
