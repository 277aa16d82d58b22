using System.Buffers.Binary;
using SoftIov.Datapath;
using SoftIov.Devices.Virtio.Spec;
using SoftIov.Memory;

namespace SoftIov.Devices.Virtio.Net;

/// <summary>
/// A command as it stands in the driver's buffers: class, command, data (virtio 1.4, 5.1.6.5). Every byte is copied out once and the copy
/// checked; offsets are into the data. A read beyond the end is false.
/// </summary>
internal readonly ref struct ControlRequest
{
    private const int HeadLength = 2;

    private readonly ReadOnlySpan<Segment> _readable;

    public ControlRequest(ReadOnlySpan<Segment> readable, uint length)
    {
        _readable = readable;
        DataLength = length < HeadLength ? -1 : (int)Math.Min(length - HeadLength, int.MaxValue);
        Span<byte> head = stackalloc byte[HeadLength];
        if (DataLength >= 0)
            GuestCopy.Gather(readable, 0, head);
        Command = (ControlCommand)BinaryPrimitives.ReadUInt16BigEndian(head);
    }

    /// <summary>Class and command.</summary>
    public ControlCommand Command { get; }

    /// <summary>Bytes of data; negative when not even class and command are there.</summary>
    public int DataLength { get; }

    public bool TryRead(int offset, Span<byte> destination)
    {
        if (offset > DataLength - destination.Length)
            return false;

        GuestCopy.Gather(_readable, HeadLength + offset, destination);
        return true;
    }

    public bool TryReadByte(int offset, out byte value)
    {
        Span<byte> bytes = stackalloc byte[1];
        bool done = TryRead(offset, bytes);
        value = bytes[0];
        return done;
    }

    public bool TryReadUInt16(int offset, out ushort value)
    {
        Span<byte> bytes = stackalloc byte[sizeof(ushort)];
        bool done = TryRead(offset, bytes);
        value = BinaryPrimitives.ReadUInt16LittleEndian(bytes);
        return done;
    }

    public bool TryReadUInt32(int offset, out uint value)
    {
        Span<byte> bytes = stackalloc byte[sizeof(uint)];
        bool done = TryRead(offset, bytes);
        value = BinaryPrimitives.ReadUInt32LittleEndian(bytes);
        return done;
    }

    public bool TryReadUInt64(int offset, out ulong value)
    {
        Span<byte> bytes = stackalloc byte[sizeof(ulong)];
        bool done = TryRead(offset, bytes);
        value = BinaryPrimitives.ReadUInt64LittleEndian(bytes);
        return done;
    }

    public bool TryReadMac(int offset, out MacAddress address)
    {
        Span<byte> bytes = stackalloc byte[MacAddress.Size];
        bool done = TryRead(offset, bytes);
        address = MacAddress.FromBytes(bytes);
        return done;
    }
}
