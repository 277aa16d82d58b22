namespace SoftIov.Devices.Nvme;

/// <summary>A host that registered a key with a namespace.</summary>
/// <param name="Host">Its Host Identifier.</param>
/// <param name="Key">Its key.</param>
public readonly record struct Registrant(UInt128 Host, ulong Key);
