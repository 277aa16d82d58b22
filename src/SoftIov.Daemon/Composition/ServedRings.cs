using SoftIov.Devices.Virtio;

namespace SoftIov.Daemon.Composition;

/// <summary>A VF that is served by vhost-user.</summary>
/// <param name="Device">Its rings.</param>
/// <param name="FrontEnd">Socket of a front-end that is connected to; null when front-ends connect.</param>
internal sealed record ServedRings(IRingDevice Device, string? FrontEnd);
