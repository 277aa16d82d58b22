namespace SoftIov.Api;

/// <summary>Where the function was attached.</summary>
/// <param name="Target">As asked.</param>
/// <param name="DeviceId">Id of the device in QEMU.</param>
/// <param name="WasAttached">Whether a client was connected.</param>
/// <param name="Qmp">Monitor socket remembered from attach; null when unknown.</param>
/// <param name="By">Transport.</param>
/// <param name="Warnings">What went wrong although it was done.</param>
public sealed record DetachResult(
    string Target, string DeviceId, bool WasAttached, string? Qmp = null, string By = TransportName.VfioUser, IReadOnlyList<string>? Warnings = null);
