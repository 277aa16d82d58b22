namespace SoftIov.Lab.Virtio;

/// <summary>A buffer that a driver gives to its device.</summary>
/// <param name="Address">Where it is, as the device sees it.</param>
/// <param name="Length">Bytes.</param>
/// <param name="Token">What the driver calls it; comes back with the used buffer. In a chain only the chain's own counts.</param>
public readonly record struct DriverBuffer(ulong Address, uint Length, ushort Token = 0);
