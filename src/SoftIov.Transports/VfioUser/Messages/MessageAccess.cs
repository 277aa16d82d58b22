namespace SoftIov.Transports.VfioUser;

/// <summary>One DMA message that waits for its answer. Under the gate of its <see cref="MessageDma"/>.</summary>
internal sealed class MessageAccess
{
    /// <summary>Room for the head of a request or an answer: header, address, count.</summary>
    public const int HeadLength = MessageHeader.Length + 16;

    private int _state;

    /// <summary>Where it stands.</summary>
    public MessageAccessState State
    {
        get => (MessageAccessState)Volatile.Read(ref _state);
        set => Volatile.Write(ref _state, (int)value);
    }

    /// <summary>Message id.</summary>
    public ushort Id { get; set; }

    /// <summary>DMA_READ or DMA_WRITE.</summary>
    public VfioUserCommand Command { get; set; }

    /// <summary>Guest address.</summary>
    public ulong Iova { get; set; }

    /// <summary>Data bytes.</summary>
    public int Count { get; set; }

    /// <summary>The request with its data, later the data of the answer.</summary>
    public byte[] Bytes { get; } = new byte[HeadLength + ProtocolLimits.Transfer];
}
