using SoftIov.Memory;

namespace SoftIov.Transports.VhostUser;

/// <summary>
/// Where a ring stands, as SET_VRING_BASE and GET_VRING_BASE say it. Split: the next available index. Packed: position and wrap counter of
/// the take side in the lower half, of the complete side in the upper. A ring that stands has nothing in flight, so both sides are at one
/// place; some front-ends fill the lower half only. What a ring took and could not give back before it was stopped, it takes again.
/// </summary>
internal static class VringBase
{
    private const uint PositionMask = 0x7FFF;
    private const int WrapBit = 15;
    private const int UsedShift = 16;

    /// <summary>The cursor of a ring that goes on there.</summary>
    public static VirtqueueCursor Decode(uint number, bool isPacked)
    {
        if (!isPacked)
        {
            ushort index = (ushort)number;
            return VirtqueueCursor.AtEnable with { NextAvailable = index, NextUsed = index, SignalledUsed = index };
        }

        ushort position = (ushort)(number & PositionMask);
        byte wrap = (byte)(number >> WrapBit & 1);
        return new VirtqueueCursor
        {
            NextAvailable = position,
            NextUsed = position,
            AvailableWrap = wrap,
            UsedWrap = wrap,
            SignalledUsed = (ushort)(position | (wrap == 0 ? 1u << WrapBit : 0)),
        };
    }

    /// <summary>What to say of a ring that stands there.</summary>
    public static uint Encode(in VirtqueueCursor cursor, bool isPacked)
    {
        uint half = cursor.NextUsed | (uint)cursor.UsedWrap << WrapBit;
        return isPacked ? half | half << UsedShift : cursor.NextUsed;
    }
}
