using System.Runtime.InteropServices;
using SoftIov.Memory;

namespace SoftIov.Linux;

/// <summary>One request to an <see cref="IoUring"/> (struct io_uring_sqe). File and buffer stay, open and mapped, until it is answered.</summary>
[StructLayout(LayoutKind.Explicit, Size = 64)]
public readonly struct IoRequest
{
    [FieldOffset(0)]
    private readonly byte _operation;

    [FieldOffset(4)]
    private readonly int _file;

    [FieldOffset(8)]
    private readonly long _offset;

    [FieldOffset(16)]
    private readonly long _address;

    [FieldOffset(24)]
    private readonly uint _length;

    [FieldOffset(28)]
    private readonly uint _flags;

    [FieldOffset(32)]
    private readonly ulong _tag;

    private IoRequest(byte operation, ulong tag, int file = -1, long offset = 0, long address = 0, uint length = 0, uint flags = 0)
    {
        _operation = operation;
        _file = file;
        _offset = offset;
        _address = address;
        _length = length;
        _flags = flags;
        _tag = tag;
    }

    /// <summary>Does nothing, and is answered. <paramref name="tag"/> comes back with the answer.</summary>
    public static IoRequest Nothing(ulong tag) => new(Libc.IORING_OP_NOP, tag);

    /// <summary>Reads into a buffer; answered with the bytes read, which may be fewer.</summary>
    public static IoRequest Read(FileDescriptor file, long offset, Segment buffer, ulong tag) =>
        new(Libc.IORING_OP_READ, tag, file.Number, offset, buffer.Address, (uint)buffer.Length);

    /// <summary>
    /// Writes a buffer; answered with the bytes written, which may be fewer. When durable, they are on stable media by then (RWF_DSYNC).
    /// </summary>
    public static IoRequest Write(FileDescriptor file, long offset, Segment buffer, bool isDurable, ulong tag) =>
        new(Libc.IORING_OP_WRITE, tag, file.Number, offset, buffer.Address, (uint)buffer.Length, isDurable ? Libc.RWF_DSYNC : 0);

    /// <summary>Brings all data that was written before to stable media, and what is needed to find it again (fdatasync(2)).</summary>
    public static IoRequest Flush(FileDescriptor file, ulong tag) =>
        new(Libc.IORING_OP_FSYNC, tag, file.Number, flags: Libc.IORING_FSYNC_DATASYNC);

    /// <summary>Changes how space is allocated (fallocate(2)), for any number of bytes. The size of the file stays.</summary>
    public static IoRequest Allocate(FileDescriptor file, AllocationMode mode, long offset, long length, ulong tag) =>
        new(Libc.IORING_OP_FALLOCATE, tag, file.Number, offset, length, (uint)mode);
}
