namespace SoftIov.Api;

/// <summary>Changes keys of one adapter or VF; nothing changes when any key or value is wrong.</summary>
/// <param name="Target"><c>net0</c> or <c>net0/3</c>.</param>
/// <param name="Values">Keys and values, spelled as in the configuration file.</param>
/// <param name="DryRun">Plan only.</param>
/// <param name="Force">Also what takes a device from a running guest.</param>
public sealed record SetRequest(string Target, IReadOnlyDictionary<string, string> Values, bool DryRun = false, bool Force = false);
