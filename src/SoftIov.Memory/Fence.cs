using System.Runtime.CompilerServices;

namespace SoftIov.Memory;

/// <summary>The three orderings that ring code uses. A call site names the access of the other side it pairs with.</summary>
public static class Fence
{
    /// <summary>Reads an index or flag word that the other side published; later reads cannot move before it.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static ushort LoadAcquire(ref readonly ushort location) => Volatile.Read(in location);

    /// <summary>Publishes an index or flag word; earlier writes cannot move after it.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void StoreRelease(ref ushort location, ushort value) => Volatile.Write(ref location, value);

    /// <summary>Full barrier between a store and a later load (publish, then look at the other side's event word). Once per batch.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void StoreThenLoad() => Interlocked.MemoryBarrier();
}
