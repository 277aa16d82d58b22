namespace SoftIov.Api;

/// <summary>Takes a function away from its guest.</summary>
/// <param name="Target"><c>net0/pf</c> or <c>net0/3</c>.</param>
/// <param name="Force">Although QEMU may abort or the guest loses a device in use.</param>
/// <param name="Prepare">Only check, and say where the device is.</param>
/// <param name="Qmp">Monitor socket, when it is another than that of attach.</param>
public sealed record DetachRequest(string Target, bool Force = false, bool Prepare = false, string? Qmp = null);
