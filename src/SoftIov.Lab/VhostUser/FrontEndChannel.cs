using System.Buffers.Binary;
using SoftIov.Linux;

namespace SoftIov.Lab.VhostUser;

/// <summary>
/// The front-end's side of a vhost-user connection: sends messages, waits for their answers. Synchronous; what waits for an
/// answer may be called by several threads. Written from the specification alone. Every message can be sent wrong.
/// </summary>
public sealed class FrontEndChannel : IDisposable
{
    private const int HeaderLength = 12;
    private const uint Version = 1;
    private const uint ReplyFlag = 4;
    private const uint NeedReplyFlag = 8;

    private readonly Lock _gate = new();

    /// <summary>What came with the last answer.</summary>
    private FileDescriptor? _file;

    /// <summary>A connected channel.</summary>
    public FrontEndChannel(UnixStream stream) => Stream = stream;

    /// <summary>The connection.</summary>
    public UnixStream Stream { get; }

    /// <summary>Connects to a back-end that listens.</summary>
    public static FrontEndChannel Connect(string path) => new(UnixStream.Connect(path));

    /// <summary>Sends a message and waits for nothing.</summary>
    public void Post(FrontEndRequest request, ReadOnlySpan<byte> payload, params ReadOnlySpan<FileDescriptor> files) =>
        Send(request, Version, payload, files);

    /// <summary>Sends a message and waits for the answer that it has; its payload.</summary>
    public byte[] Ask(FrontEndRequest request, ReadOnlySpan<byte> payload, params ReadOnlySpan<FileDescriptor> files)
    {
        lock (_gate)
        {
            Send(request, Version, payload, files);
            return Answer(request);
        }
    }

    /// <summary>Waits for the answer to a message that was posted before; its payload.</summary>
    public byte[] Answer(FrontEndRequest request)
    {
        byte[] header = ReceiveExactly(HeaderLength);
        var answered = (FrontEndRequest)BinaryPrimitives.ReadUInt32LittleEndian(header);
        uint flags = BinaryPrimitives.ReadUInt32LittleEndian(header.AsSpan(4));
        byte[] payload = ReceiveExactly(BinaryPrimitives.ReadInt32LittleEndian(header.AsSpan(8)));
        return answered == request && flags == (Version | ReplyFlag)
            ? payload
            : throw new FrontEndException($"{request} is answered by {answered} with flags {flags}.");
    }

    /// <summary>As <see cref="Ask"/>, for an answer that may come with a descriptor, which is the caller's then.</summary>
    public byte[] AskForFile(FrontEndRequest request, ReadOnlySpan<byte> payload, out FileDescriptor? file)
    {
        Send(request, Version, payload, default);
        byte[] answer = Answer(request);
        (file, _file) = (_file, null);
        return answer;
    }

    /// <summary>Sends a message with need_reply and waits for what came of it: 0 is well.</summary>
    public ulong Try(FrontEndRequest request, ReadOnlySpan<byte> payload, params ReadOnlySpan<FileDescriptor> files)
    {
        lock (_gate)
        {
            Send(request, Version | NeedReplyFlag, payload, files);
            return BinaryPrimitives.ReadUInt64LittleEndian(Answer(request));
        }
    }

    /// <summary>As <see cref="Try"/>, and throws when it is refused.</summary>
    public void Do(FrontEndRequest request, ReadOnlySpan<byte> payload, params ReadOnlySpan<FileDescriptor> files)
    {
        if (Try(request, payload, files) is not 0 and var error)
            throw new FrontEndException($"{request} is refused ({error}).");
    }

    /// <summary>A number as payload.</summary>
    public static byte[] Number(ulong number) => BitConverter.GetBytes(number);

    /// <summary>A vring state description as payload.</summary>
    public static byte[] State(int ring, uint number) => [.. BitConverter.GetBytes(ring), .. BitConverter.GetBytes(number)];

    /// <summary>Sends a header of one's own choice and what follows it.</summary>
    public void Send(FrontEndRequest request, uint flags, ReadOnlySpan<byte> payload, ReadOnlySpan<FileDescriptor> files, int? size = null)
    {
        byte[] message = new byte[HeaderLength + payload.Length];
        BinaryPrimitives.WriteUInt32LittleEndian(message, (uint)request);
        BinaryPrimitives.WriteUInt32LittleEndian(message.AsSpan(4), flags);
        BinaryPrimitives.WriteInt32LittleEndian(message.AsSpan(8), size ?? payload.Length);
        payload.CopyTo(message.AsSpan(HeaderLength));
        int[] numbers = new int[files.Length];
        for (int i = 0; i < files.Length; i++)
            numbers[i] = files[i].Number;
        IoResult result = Stream.Send(message, numbers);
        if (!result.Ok)
            throw new FrontEndException($"The back-end does not take {request}: {result.Error}.");
    }

    /// <summary>True when the back-end closed the connection; waits for that, or for a byte.</summary>
    public bool IsClosedByBackEnd()
    {
        Span<byte> one = stackalloc byte[1];
        IoResult result = Stream.Receive(one);
        return !result.Ok || result.Bytes == 0;
    }

    /// <inheritdoc/>
    public void Dispose() => Stream.Dispose();

    private byte[] ReceiveExactly(int length)
    {
        byte[] bytes = new byte[length];
        for (int filled = 0; filled < length;)
        {
            FileDescriptor?[] files = new FileDescriptor?[1];
            IoResult result = Stream.Receive(bytes.AsSpan(filled), default, files, out int count);
            _file = count > 0 ? files[0] : _file;
            if (!result.Ok || result.Bytes == 0)
                throw new FrontEndException($"The back-end closed the connection ({result.Error}).");
            filled += result.Bytes;
        }

        return bytes;
    }
}
