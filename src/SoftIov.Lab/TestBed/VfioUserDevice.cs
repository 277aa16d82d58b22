namespace SoftIov.Lab.TestBed;

/// <summary>A function to give to a virtual machine.</summary>
/// <param name="Id">Name of the device in QEMU.</param>
/// <param name="Socket">Path of the function's vfio-user socket.</param>
public sealed record VfioUserDevice(string Id, string Socket);
