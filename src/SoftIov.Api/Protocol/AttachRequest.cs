namespace SoftIov.Api;

/// <summary>Asks for what a VMM needs to attach a function.</summary>
/// <param name="Target"><c>net0/pf</c> or <c>net0/3</c>.</param>
/// <param name="By">Transport, vfio-user or vhost-user; null as the function is served now.</param>
/// <param name="Owner">Gives the lease to this user (name or id) first.</param>
/// <param name="Qmp">Absolute path of the monitor socket of the QEMU it goes to; remembered for detach.</param>
/// <param name="Whole">The target is an adapter, and it goes to one VM whole.</param>
/// <param name="MemoryMegabytes">Guest memory in the printed arguments.</param>
/// <param name="QemuVersion">The QEMU that shall have the printed arguments; null is the newest.</param>
public sealed record AttachRequest(
    string Target,
    string? By = null,
    string? Owner = null,
    string? Qmp = null,
    int MemoryMegabytes = 1024,
    bool Whole = false,
    Version? QemuVersion = null);
