namespace SoftIov.Lab.VfioUser;

/// <summary>Answer to DEVICE_GET_INFO.</summary>
/// <param name="ArgumentSize">Bytes of the structure.</param>
/// <param name="Flags">Bit 0: can be reset; bit 1: is a PCI device.</param>
/// <param name="Regions">Number of region indexes.</param>
/// <param name="Irqs">Number of interrupt indexes.</param>
public readonly record struct DeviceInfo(uint ArgumentSize, uint Flags, uint Regions, uint Irqs);
