namespace SoftIov.Memory;

/// <summary>One refused DMA access: who, where, how, why.</summary>
/// <param name="Requester">Routing id of the function that tried.</param>
/// <param name="Address">First address of the access.</param>
/// <param name="IsWrite">True for a write.</param>
/// <param name="Reason">VT-d fault reason.</param>
public readonly record struct DmaFault(RequesterId Requester, ulong Address, bool IsWrite, DmaFaultReason Reason);
