namespace SoftIov.Linux;

/// <summary>Outcome of a read or write that may fail in the ordinary course: bytes moved, or why none were.</summary>
/// <param name="Bytes">Bytes moved; 0 from a read is the end of the stream.</param>
/// <param name="Error"><see cref="Errno.None"/> when the call worked.</param>
public readonly record struct IoResult(int Bytes, Errno Error)
{
    /// <summary>True when the call worked.</summary>
    public bool Ok => Error == Errno.None;

    /// <summary>True when a non-blocking call found nothing to do now.</summary>
    public bool WouldBlock => Error == Errno.EAGAIN;

    internal static IoResult From(nint result) => result >= 0 ? new((int)result, Errno.None) : new(0, LinuxException.Last);
}
