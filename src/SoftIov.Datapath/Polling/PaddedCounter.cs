using System.Runtime.InteropServices;

namespace SoftIov.Datapath;

/// <summary>A counter with two cache lines to itself: one thread writes it often, others read it.</summary>
[StructLayout(LayoutKind.Explicit, Size = 192)]
internal struct PaddedCounter
{
    [FieldOffset(64)]
    public long Value;
}
