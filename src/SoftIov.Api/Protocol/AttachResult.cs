namespace SoftIov.Api;

/// <summary>How a VMM attaches the function, or that QEMU has it now.</summary>
/// <param name="Target">As asked.</param>
/// <param name="Socket">Socket of the function.</param>
/// <param name="DeviceId">Id of the device in QEMU.</param>
/// <param name="QemuArguments">Arguments of a QEMU that starts with the function attached, one string each.</param>
/// <param name="Bus">Root port it was hot-plugged into; null when it was not.</param>
/// <param name="Bars">Memory that the function takes of the port it sits behind.</param>
/// <param name="Rings">How a front-end uses it by vhost-user; null when it is served by vfio-user.</param>
/// <param name="Owner">User id that has the lease; null leaves it to root and the daemon's own user.</param>
/// <param name="Warnings">What will not work, and why.</param>
public sealed record AttachResult(
    string Target,
    string Socket,
    string DeviceId,
    IReadOnlyList<string> QemuArguments,
    string? Bus = null,
    IReadOnlyList<PciBar>? Bars = null,
    VhostUserDevice? Rings = null,
    uint? Owner = null,
    IReadOnlyList<string>? Warnings = null);
