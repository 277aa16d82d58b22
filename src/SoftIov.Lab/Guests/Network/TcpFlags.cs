namespace SoftIov.Lab.Guests;

/// <summary>Control bits of TCP (RFC 9293, 3.1).</summary>
[Flags]
internal enum TcpFlags : byte
{
    /// <summary>None.</summary>
    None = 0,

    /// <summary>FIN: no more data.</summary>
    Fin = 1,

    /// <summary>SYN: synchronise sequence numbers.</summary>
    Syn = 2,

    /// <summary>RST: the connection is not, or no longer.</summary>
    Reset = 4,

    /// <summary>PSH.</summary>
    Push = 8,

    /// <summary>ACK: the acknowledgement number counts.</summary>
    Acknowledge = 16,
}
