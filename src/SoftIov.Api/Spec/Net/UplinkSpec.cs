namespace SoftIov.Api;

/// <summary>Where the switch of a net adapter meets the world.</summary>
/// <param name="Kind">Kind of uplink.</param>
/// <param name="Name">Name of the host's network interface; null without uplink.</param>
/// <param name="Create">For a tap: make it when it is not there.</param>
public sealed record UplinkSpec(UplinkKind Kind = UplinkKind.None, string? Name = null, bool Create = false)
{
    /// <summary>No uplink: functions talk to each other only.</summary>
    public static UplinkSpec None { get; } = new();

    /// <inheritdoc/>
    public override string ToString() => Kind switch
    {
        UplinkKind.Tap => $"tap {Name}",
        UplinkKind.Interface => $"interface {Name}",
        _ => "none",
    };
}
