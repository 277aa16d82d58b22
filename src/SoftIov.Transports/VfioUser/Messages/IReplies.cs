namespace SoftIov.Transports.VfioUser;

/// <summary>Takes the client's answers to commands of ours.</summary>
internal interface IReplies
{
    /// <summary>An answer came; false when it answers nothing that was asked.</summary>
    bool Deliver(in MessageHeader header, ReadOnlySpan<byte> body);
}
