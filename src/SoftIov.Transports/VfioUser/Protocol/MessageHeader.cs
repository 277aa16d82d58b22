using System.Buffers.Binary;
using SoftIov.Linux;

namespace SoftIov.Transports.VfioUser;

/// <summary>The 16 bytes before every message (vfio-user specification, "Header"), little-endian.</summary>
/// <param name="Id">Belongs to the sender; echoed in the reply, never interpreted.</param>
/// <param name="Command">What is asked or answered.</param>
/// <param name="Size">Bytes of the whole message, header included.</param>
/// <param name="Flags">Type, no-reply and error bits.</param>
/// <param name="Error">Error number of an error reply.</param>
internal readonly record struct MessageHeader(ushort Id, VfioUserCommand Command, uint Size, uint Flags, uint Error)
{
    /// <summary>Bytes.</summary>
    public const int Length = 16;

    private const uint TypeMask = 0xF;
    private const uint TypeCommand = 0;
    private const uint TypeReply = 1;
    private const uint NoReply = 0x10;
    private const uint ErrorBit = 0x20;

    /// <summary>True when its sender asks for something.</summary>
    public bool IsCommand => (Flags & TypeMask) == TypeCommand;

    /// <summary>True for an answer.</summary>
    public bool IsReply => (Flags & TypeMask) == TypeReply;

    /// <summary>True for a command that must not be answered.</summary>
    public bool IsPosted => (Flags & NoReply) != 0;

    /// <summary>True for an answer that tells an error.</summary>
    public bool IsError => (Flags & ErrorBit) != 0;

    /// <summary>A command of ours with <paramref name="payload"/> bytes behind the header.</summary>
    public static MessageHeader ForCommand(ushort id, VfioUserCommand command, int payload, bool isPosted = false) =>
        new(id, command, (uint)(Length + payload), isPosted ? NoReply : 0, 0);

    /// <summary>The answer to this command; an error is answered by a header alone.</summary>
    public MessageHeader Answer(Errno error, int payload) => error == Errno.None
        ? new(Id, Command, (uint)(Length + payload), TypeReply, 0)
        : new(Id, Command, Length, TypeReply | ErrorBit, (uint)error);

    /// <summary>Decodes.</summary>
    public static MessageHeader Read(ReadOnlySpan<byte> bytes) => new(
        BinaryPrimitives.ReadUInt16LittleEndian(bytes),
        (VfioUserCommand)BinaryPrimitives.ReadUInt16LittleEndian(bytes[2..]),
        BinaryPrimitives.ReadUInt32LittleEndian(bytes[4..]),
        BinaryPrimitives.ReadUInt32LittleEndian(bytes[8..]),
        BinaryPrimitives.ReadUInt32LittleEndian(bytes[12..]));

    /// <summary>Encodes.</summary>
    public void Write(Span<byte> bytes)
    {
        BinaryPrimitives.WriteUInt16LittleEndian(bytes, Id);
        BinaryPrimitives.WriteUInt16LittleEndian(bytes[2..], (ushort)Command);
        BinaryPrimitives.WriteUInt32LittleEndian(bytes[4..], Size);
        BinaryPrimitives.WriteUInt32LittleEndian(bytes[8..], Flags);
        BinaryPrimitives.WriteUInt32LittleEndian(bytes[12..], Error);
    }
}
