using System.Buffers.Binary;
using SoftIov.Fuzz.VfioUser;
using SoftIov.Linux;
using SoftIov.Transports.VhostUser;

namespace SoftIov.Fuzz.VhostUser;

/// <summary>Sends one stream, looks at what comes back, and at what is left when the connection is gone.</summary>
internal sealed class FrontEndRunner(VhostUserSocket socket) : IDisposable
{
    private const int HeaderLength = 12;
    private const uint ReplyFlags = 5;
    private const uint GetInflight = 31;
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    private readonly DescriptorSet _descriptors = new();
    private readonly List<byte> _received = [];

    /// <summary>Null when all went as it must.</summary>
    public string? Run(IEnumerable<FrontEndStep> steps)
    {
        UnixStream stream = UnixStream.Connect(socket.Path);
        stream.Descriptor.SetNonBlocking();
        var asked = new HashSet<uint>();
        bool isInStep = true;
        foreach (FrontEndStep step in steps)
        {
            asked.Add(step.Request);
            isInStep &= step.Size == step.Payload.Length;
            if (!Send(stream, step))
                break;
            Drain(stream);
        }

        SpinWait.SpinUntil(() => Drain(stream), TimeSpan.FromMilliseconds(5));
        stream.Dispose();
        if (!SpinWait.SpinUntil(() => socket.Attachment is null && socket.Endpoint.Dma.Count == 0, Patience))
            return "the session does not end";
        string? leak = null;
        SpinWait.SpinUntil(() => (leak = _descriptors.Leak()) is null, Patience);
        return leak ?? CheckReplies(isInStep ? asked : null) ?? (socket.Endpoint.Dma.BusMasterEnable ? "bus mastering stayed on" : null);
    }

    public void Dispose() => _descriptors.Dispose();

    private bool Send(UnixStream stream, FrontEndStep step)
    {
        byte[] message = new byte[HeaderLength + step.Payload.Length];
        BinaryPrimitives.WriteUInt32LittleEndian(message, step.Request);
        BinaryPrimitives.WriteUInt32LittleEndian(message.AsSpan(4), step.Flags);
        BinaryPrimitives.WriteUInt32LittleEndian(message.AsSpan(8), step.Size);
        step.Payload.CopyTo(message, HeaderLength);
        IoResult result = default;
        SpinWait.SpinUntil(() => !(result = stream.Send(message, _descriptors.NumbersOf(step.Descriptors))).WouldBlock, Patience);
        return result.Ok && result.Bytes == message.Length;
    }

    /// <summary>Takes what is there; true at the end of the stream.</summary>
    private bool Drain(UnixStream stream)
    {
        Span<byte> bytes = stackalloc byte[512];
        IoResult result;
        while ((result = stream.Receive(bytes)).Ok && result.Bytes > 0)
            _received.AddRange(bytes[..result.Bytes]);
        return !result.WouldBlock;
    }

    /// <summary>A length that is wrong makes messages of what was meant to be payload: nobody knows then what was asked.</summary>
    private string? CheckReplies(HashSet<uint>? asked)
    {
        ReadOnlySpan<byte> left = _received.ToArray();
        while (left.Length >= HeaderLength)
        {
            uint request = BinaryPrimitives.ReadUInt32LittleEndian(left);
            uint flags = BinaryPrimitives.ReadUInt32LittleEndian(left[4..]);
            uint size = BinaryPrimitives.ReadUInt32LittleEndian(left[8..]);
            bool isLong = request == GetInflight && size is >= 20 and <= 24;
            if (flags != ReplyFlags || (size != sizeof(ulong) && !isLong) || asked?.Contains(request) == false)
                return $"a reply to {request} with flags {flags} and {size} bytes";
            if (left.Length < HeaderLength + (int)size)
                return null;
            left = left[(HeaderLength + (int)size)..];
        }

        return null;
    }
}
