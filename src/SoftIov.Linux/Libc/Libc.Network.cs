using System.Runtime.InteropServices;

namespace SoftIov.Linux;

/// <summary>netdevice(7), packet(7), tun (linux/if_tun.h), rtnetlink(7), readv(2), sendmmsg(2).</summary>
internal static unsafe partial class Libc
{
    internal const int AF_INET = 2;
    internal const int AF_NETLINK = 16;
    internal const int AF_PACKET = 17;
    internal const int SOCK_DGRAM = 2;
    internal const int SOCK_RAW = 3;
    internal const int NETLINK_ROUTE = 0;
    internal const uint RTMGRP_LINK = 1;
    internal const int SO_ERROR = 4;
    internal const int SO_RCVBUF = 8;
    internal const int SO_SNDBUFFORCE = 32;
    internal const int SO_RCVBUFFORCE = 33;
    internal const int UIO_MAXIOV = 1024;

    internal const int IFNAMSIZ = 16;
    internal const ushort ARPHRD_ETHER = 1;
    internal const uint SIOCGIFNAME = 0x8910;
    internal const uint SIOCGIFFLAGS = 0x8913;
    internal const uint SIOCSIFFLAGS = 0x8914;
    internal const uint SIOCGIFMTU = 0x8921;
    internal const uint SIOCSIFMTU = 0x8922;
    internal const uint SIOCGIFHWADDR = 0x8927;
    internal const uint SIOCGIFINDEX = 0x8933;

    internal const uint TUNSETIFF = 0x400454ca;
    internal const uint TUNSETOFFLOAD = 0x400454d0;
    internal const uint TUNGETIFF = 0x800454d2;
    internal const uint TUNSETVNETHDRSZ = 0x400454d8;
    internal const ushort IFF_TAP = 0x0002;
    internal const ushort IFF_MULTI_QUEUE = 0x0100;
    internal const ushort IFF_NO_PI = 0x1000;
    internal const ushort IFF_VNET_HDR = 0x4000;

    internal const int SOL_PACKET = 263;
    internal const int PACKET_ADD_MEMBERSHIP = 1;
    internal const int PACKET_RX_RING = 5;
    internal const int PACKET_STATISTICS = 6;
    internal const int PACKET_COPY_THRESH = 7;
    internal const int PACKET_VERSION = 10;
    internal const int PACKET_VNET_HDR = 15;
    internal const int PACKET_IGNORE_OUTGOING = 23;
    internal const int PACKET_MR_PROMISC = 1;
    internal const int TPACKET_V2 = 1;
    internal const ushort ETH_P_ALL = 3;

    [LibraryImport(Library, EntryPoint = "ioctl", SetLastError = true)]
    internal static partial int Ioctl(int fd, nuint request, nint argument);

    [LibraryImport(Library, EntryPoint = "bind", SetLastError = true)]
    internal static partial int BindTo(int fd, void* address, uint length);

    [LibraryImport(Library, EntryPoint = "writev", SetLastError = true)]
    internal static partial nint WriteV(int fd, IoVector* vectors, int count);

    [LibraryImport(Library, EntryPoint = "recv", SetLastError = true)]
    internal static partial nint Recv(int fd, void* buffer, nuint length, int flags);

    [LibraryImport(Library, EntryPoint = "sendmmsg", SetLastError = true)]
    internal static partial int SendMMsg(int fd, MultipleMessageHeader* messages, uint count, int flags);

    /// <summary>struct mmsghdr.</summary>
    [StructLayout(LayoutKind.Sequential)]
    internal struct MultipleMessageHeader
    {
        internal MessageHeader Message;
        internal uint Sent;
    }

    /// <summary>struct ifreq.</summary>
    [StructLayout(LayoutKind.Explicit, Size = 40)]
    internal struct InterfaceRequest
    {
        [FieldOffset(0)]
        internal fixed byte Name[IFNAMSIZ];

        [FieldOffset(16)]
        internal int Value;

        /// <summary>Flags, or the family of an address.</summary>
        [FieldOffset(16)]
        internal ushort Short;
    }

    /// <summary>struct sockaddr_nl.</summary>
    [StructLayout(LayoutKind.Sequential)]
    internal struct SocketAddressNetlink
    {
        internal ushort Family;
        internal ushort Padding;
        internal uint Port;
        internal uint Groups;
    }

    /// <summary>struct sockaddr_ll.</summary>
    [StructLayout(LayoutKind.Sequential, Pack = sizeof(uint))]
    internal struct SocketAddressLink
    {
        internal ushort Family;
        internal ushort Protocol;
        internal int Index;
        internal ushort HardwareType;
        internal byte PacketType;
        internal byte AddressLength;
        internal ulong Address;
    }

    /// <summary>struct packet_mreq.</summary>
    [StructLayout(LayoutKind.Sequential)]
    internal struct PacketMembership
    {
        internal int Index;
        internal ushort Type;
        internal ushort AddressLength;
        internal ulong Address;
    }

    /// <summary>struct tpacket_req.</summary>
    [StructLayout(LayoutKind.Sequential)]
    internal struct PacketRingRequest
    {
        internal uint BlockSize;
        internal uint BlockCount;
        internal uint FrameSize;
        internal uint FrameCount;
    }

    /// <summary>struct tpacket_stats.</summary>
    [StructLayout(LayoutKind.Sequential)]
    internal struct PacketStatistics
    {
        internal uint Packets;
        internal uint Drops;
    }

    /// <summary>struct tpacket2_hdr.</summary>
    [StructLayout(LayoutKind.Sequential)]
    internal struct PacketSlotHeader
    {
        internal uint Status;
        internal uint Length;
        internal uint Captured;
        internal ushort FrameOffset;
        internal ushort NetworkOffset;
        internal uint Seconds;
        internal uint Nanoseconds;
        internal ushort VlanControl;
        internal ushort VlanProtocol;
        internal uint Padding;
    }
}
