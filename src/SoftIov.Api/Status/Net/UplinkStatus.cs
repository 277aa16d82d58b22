namespace SoftIov.Api;

/// <summary>The uplink as it is.</summary>
/// <param name="Kind">Kind.</param>
/// <param name="LinkUp">Whether its link is up; true without uplink.</param>
/// <param name="Name">The host's interface; null without uplink.</param>
public sealed record UplinkStatus(UplinkKind Kind, bool LinkUp, string? Name = null);
