namespace SoftIov.Linux;

/// <summary>What a descriptor is ready for (epoll_ctl(2)).</summary>
[Flags]
public enum EpollEvents : uint
{
    /// <summary>Nothing.</summary>
    None = 0,

    /// <summary>Input, or a connection to accept.</summary>
    In = 0x1,

    /// <summary>Room for output.</summary>
    Out = 0x4,

    /// <summary>An error; always reported.</summary>
    Error = 0x8,

    /// <summary>Both directions are closed; always reported.</summary>
    HangUp = 0x10,

    /// <summary>The peer closed its writing side.</summary>
    ReadHangUp = 0x2000,

    /// <summary>Report once, then disarm.</summary>
    OneShot = 0x40000000,

    /// <summary>Report changes only.</summary>
    EdgeTriggered = 0x80000000,
}
