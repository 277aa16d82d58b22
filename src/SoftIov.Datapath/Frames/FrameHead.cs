using System.Runtime.CompilerServices;

namespace SoftIov.Datapath;

/// <summary>The first bytes of a frame, copied once out of the sender's reach, with headroom in front for two VLAN tags.</summary>
[InlineArray(Size)]
public struct FrameHead
{
    /// <summary>Bytes in all.</summary>
    public const int Size = Headroom + Capacity;

    /// <summary>Room in front for tags.</summary>
    public const int Headroom = 8;

    /// <summary>
    /// Most bytes copied from the sender: an Ethernet, an IPv6 and a TCP header with time stamps. With them a <see cref="Frame"/> is two
    /// cache lines.
    /// </summary>
    public const int Capacity = 88;

    private byte _first;
}
