namespace SoftIov.Datapath;

/// <summary>One request to a block store. Several may belong to one slot, each with its own part of the slot's buffer.</summary>
/// <param name="Slot">Slot of the lane, 0..<see cref="IBlockLane.SlotCount"/>-1; its buffer holds the data of reads and writes.</param>
/// <param name="Operation">What to do.</param>
/// <param name="Offset">First byte in the store, a multiple of 512.</param>
/// <param name="Length">Bytes, a multiple of 512; 0 for a flush. Reads and writes stay inside the slot's buffer.</param>
/// <param name="BufferOffset">First byte in the slot's buffer, a multiple of 512.</param>
/// <param name="IsDurable">A write that is on stable media when it is answered (FUA).</param>
public readonly record struct BlockRequest(
    int Slot, BlockOperation Operation, long Offset, long Length, int BufferOffset = 0, bool IsDurable = false);
