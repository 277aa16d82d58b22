namespace SoftIov.Linux;

/// <summary>Flags of a network interface (netdevice(7), SIOCGIFFLAGS), as far as they matter here.</summary>
[Flags]
public enum InterfaceFlags
{
    /// <summary>None of these, or no such interface.</summary>
    None = 0,

    /// <summary>Administratively up.</summary>
    Up = 0x1,

    /// <summary>Operational: up and with a carrier.</summary>
    Running = 0x40,

    /// <summary>Receives frames to any address.</summary>
    Promiscuous = 0x100,
}
