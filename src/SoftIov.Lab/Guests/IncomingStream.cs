namespace SoftIov.Lab.Guests;

/// <summary>The receiving end of one TCP connection: what was taken so far.</summary>
internal sealed class IncomingStream(uint sendSequence, uint expected)
{
    private long _taken;

    /// <summary>Initial sequence number of this end, which sends nothing.</summary>
    public uint SendSequence { get; } = sendSequence;

    /// <summary>Sequence number of the next byte.</summary>
    public uint Expected { get; private set; } = expected;

    /// <summary>Takes data that is next in order and leaves other data alone; false when bytes are wrong.</summary>
    public bool TryTake(in TcpHeader header, ReadOnlySpan<byte> data)
    {
        if (header.Sequence != Expected)
            return true;
        if (!data.SequenceEqual(StreamPattern.At(_taken, data.Length)))
            return false;

        _taken += data.Length;
        Expected += (uint)data.Length;
        return true;
    }
}
