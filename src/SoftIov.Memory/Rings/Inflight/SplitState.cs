using System.Runtime.InteropServices;

namespace SoftIov.Memory;

/// <summary>What a region says of one descriptor of a split ring (vhost-user specification, "DescStateSplit").</summary>
[StructLayout(LayoutKind.Explicit, Size = Size)]
internal struct SplitState
{
    /// <summary>Bytes.</summary>
    public const int Size = 16;

    /// <summary>1 while the chain that begins here is in flight.</summary>
    [FieldOffset(0)]
    public byte Inflight;

    /// <summary>The one before it in the last batch that was used.</summary>
    [FieldOffset(6)]
    public ushort Next;

    /// <summary>Grows from chain to chain, in the order in which they were taken.</summary>
    [FieldOffset(8)]
    public ulong Counter;
}
