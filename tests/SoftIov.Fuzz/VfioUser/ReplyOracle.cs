using System.Buffers.Binary;

namespace SoftIov.Fuzz.VfioUser;

/// <summary>
/// Knows from what was sent which replies may come: one for each command that asks for one, in order, of its length, until the stream is no
/// stream of messages any more. Whether a command is refused is not its business, but a refusal is a bare header.
/// </summary>
internal sealed class ReplyOracle
{
    private const int HeaderLength = 16;
    private const int LargestMessage = 65536 + 64;
    private const uint NoReply = 0x10;
    private const uint Error = 0x20;
    private const ushort Version = 1;
    private readonly List<byte> _sent = [];
    private readonly Queue<(ushort Id, ushort Command, int Length)> _expected = new();
    private int _parsed;
    private bool _isFirst = true;

    /// <summary>True once the server may end the session: the client broke the protocol, or never agreed on a version.</summary>
    public bool MayEnd { get; private set; }

    /// <summary>Replies that are still to come.</summary>
    public int Outstanding => _expected.Count;

    /// <summary>The client sent bytes.</summary>
    public void Sent(ReadOnlySpan<byte> bytes)
    {
        _sent.AddRange(bytes);
        while (!_isBroken && Next() is { } message)
            Expect(message);
    }

    /// <summary>A reply came; null when it was due.</summary>
    public string? Check(ReadOnlySpan<byte> reply)
    {
        ushort id = BinaryPrimitives.ReadUInt16LittleEndian(reply);
        ushort command = BinaryPrimitives.ReadUInt16LittleEndian(reply[2..]);
        uint flags = BinaryPrimitives.ReadUInt32LittleEndian(reply[8..]);
        if (!_expected.TryDequeue(out var due) || due.Id != id || due.Command != command)
            return $"a reply to command {command}, id {id}, where one to command {due.Command}, id {due.Id} was due";
        bool isError = (flags & Error) != 0;
        int length = isError ? HeaderLength : due.Length;
        if (reply.Length != length)
            return $"a reply of {reply.Length} bytes to command {command} instead of {length}";
        if (isError != (BinaryPrimitives.ReadUInt32LittleEndian(reply[12..]) != 0) || (flags & ~Error) != 1)
            return $"flags {flags:x} in a reply to command {command}";
        if (_isFirstReply && isError)
            MayEnd = true;
        _isFirstReply = false;
        return null;
    }

    private bool _isBroken;
    private bool _isFirstReply = true;

    private byte[]? Next()
    {
        if (_sent.Count - _parsed < HeaderLength)
            return null;
        Span<byte> rest = System.Runtime.InteropServices.CollectionsMarshal.AsSpan(_sent)[_parsed..];
        uint size = BinaryPrimitives.ReadUInt32LittleEndian(rest[4..]);
        uint type = BinaryPrimitives.ReadUInt32LittleEndian(rest[8..]) & 0xF;
        if (size is < HeaderLength or > LargestMessage || type > 1)
        {
            _isBroken = true;
            MayEnd = true;
            return null;
        }

        if (rest.Length < size)
            return null;
        _parsed += (int)size;
        return rest[..(int)size].ToArray();
    }

    private void Expect(byte[] message)
    {
        uint flags = BinaryPrimitives.ReadUInt32LittleEndian(message.AsSpan(8));
        ushort command = BinaryPrimitives.ReadUInt16LittleEndian(message.AsSpan(2));
        if (_isFirst && (command != Version || (flags & NoReply) != 0))
            MayEnd = true;
        _isFirst = false;

        // An answer may be to a DMA message, or to nothing: then the server ends the session.
        if ((flags & 0xF) != 0)
            MayEnd = true;
        else if ((flags & NoReply) == 0)
            _expected.Enqueue((BinaryPrimitives.ReadUInt16LittleEndian(message), command, LengthOf(command, message)));
    }

    private static int LengthOf(ushort command, byte[] message) => command switch
    {
        1 => HeaderLength + SoftIov.Transports.VfioUser.VersionProposal.Answer.Length,
        3 => HeaderLength + 24,
        4 or 6 or 7 => HeaderLength + 16,
        5 => HeaderLength + 32,
        9 when message.Length >= 32 => HeaderLength + 16 + (int)BinaryPrimitives.ReadUInt32LittleEndian(message.AsSpan(28)),
        10 => HeaderLength + 16,
        15 => HeaderLength + 8,
        _ => HeaderLength,
    };
}
