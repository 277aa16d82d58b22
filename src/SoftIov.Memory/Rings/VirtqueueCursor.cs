using System.Runtime.InteropServices;

namespace SoftIov.Memory;

/// <summary>
/// All that a device remembers of one ring between bursts. It lives in the function's state page, so that another process can go on
/// where this one stopped. Power-on value: <see cref="AtEnable"/>.
/// </summary>
[StructLayout(LayoutKind.Sequential)]
public struct VirtqueueCursor
{
    /// <summary>Split: next available index to take. Packed: next ring slot to take.</summary>
    public ushort NextAvailable;

    /// <summary>Split: used index, published or about to be. Packed: next ring slot to complete.</summary>
    public ushort NextUsed;

    /// <summary>Packed: wrap counter of the take side, 1 or 0.</summary>
    public byte AvailableWrap;

    /// <summary>Packed: wrap counter of the complete side, 1 or 0.</summary>
    public byte UsedWrap;

    /// <summary>Split: used index at the last decision about an interrupt. Packed: its slot, bit 15 set while the wrap counter is 0.</summary>
    public ushort SignalledUsed;

    /// <summary>The cursor of a ring that was just enabled.</summary>
    public static VirtqueueCursor AtEnable => new() { AvailableWrap = 1, UsedWrap = 1, SignalledUsed = 0 };

    /// <summary>
    /// Whether a packed ring of <paramref name="size"/> entries can stand here: both sides in the ring, and no more taken than it has. Positions
    /// of split rings run freely and are masked, so all of them are right.
    /// </summary>
    public readonly bool IsInPackedRing(int size)
    {
        int outstanding = NextAvailable - NextUsed + (AvailableWrap != UsedWrap ? size : 0);
        return NextAvailable < size && NextUsed < size && AvailableWrap <= 1 && UsedWrap <= 1 && outstanding >= 0 && outstanding <= size;
    }
}
