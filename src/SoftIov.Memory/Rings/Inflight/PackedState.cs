using System.Runtime.InteropServices;

namespace SoftIov.Memory;

/// <summary>What a region keeps of one descriptor of a packed ring (vhost-user specification, "DescStatePacked").</summary>
[StructLayout(LayoutKind.Explicit, Size = Size)]
internal struct PackedState
{
    /// <summary>Bytes.</summary>
    public const int Size = 32;

    /// <summary>1 while the chain that begins here is in flight.</summary>
    [FieldOffset(0)]
    public byte Inflight;

    /// <summary>The next descriptor of the chain, or the next free entry.</summary>
    [FieldOffset(2)]
    public ushort Next;

    /// <summary>The chain's last descriptor.</summary>
    [FieldOffset(4)]
    public ushort Last;

    /// <summary>The chain's descriptors.</summary>
    [FieldOffset(6)]
    public ushort Count;

    /// <summary>Grows from chain to chain, in the order in which they were taken.</summary>
    [FieldOffset(8)]
    public ulong Counter;

    /// <summary>Buffer id.</summary>
    [FieldOffset(16)]
    public ushort Id;

    /// <summary>Flags, as the driver wrote them.</summary>
    [FieldOffset(18)]
    public ushort Flags;

    /// <summary>Buffer length in bytes.</summary>
    [FieldOffset(20)]
    public uint Length;

    /// <summary>Buffer address.</summary>
    [FieldOffset(24)]
    public ulong Address;
}
