namespace SoftIov.Api;

/// <summary>
/// Makes desired state whole anew; what is not named is removed. One of <paramref name="State"/> and <paramref name="Yaml"/>.
/// </summary>
/// <param name="State">As a value.</param>
/// <param name="Yaml">As the text of a configuration file.</param>
/// <param name="File">How errors name that file.</param>
/// <param name="DryRun">Plan only.</param>
/// <param name="Force">Also what takes a device from a running guest.</param>
public sealed record ApplyRequest(
    DesiredState? State = null,
    string? Yaml = null,
    string? File = null,
    bool DryRun = false,
    bool Force = false);
