namespace SoftIov.Lab.Demo;

/// <summary>What the guests of a demo are.</summary>
public enum GuestKind
{
    /// <summary>Linux in QEMU.</summary>
    Qemu,

    /// <summary>Processes with built-in drivers, which connect to the same sockets.</summary>
    InProcess,
}
