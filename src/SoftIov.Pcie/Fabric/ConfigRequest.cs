using SoftIov.Memory;

namespace SoftIov.Pcie;

/// <summary>A configuration request as a device receives it.</summary>
/// <param name="Target">Routing id it is meant for.</param>
/// <param name="Register">Offset of the dword.</param>
/// <param name="IsType1">The bus is not the one the link leads to: only a device whose VFs live there claims it (PCIe 9.2.1.2).</param>
internal readonly record struct ConfigRequest(RequesterId Target, int Register, bool IsType1);
