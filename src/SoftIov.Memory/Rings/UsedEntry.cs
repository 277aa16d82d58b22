namespace SoftIov.Memory;

/// <summary>A chain that is done and not yet written to the used ring.</summary>
/// <param name="Id">Head descriptor index or buffer id.</param>
/// <param name="Written">Bytes written into it.</param>
/// <param name="SlotCount">Ring slots it occupies.</param>
/// <param name="IsWritable">Whether it has a writable part.</param>
internal readonly record struct UsedEntry(ushort Id, uint Written, ushort SlotCount, bool IsWritable);
