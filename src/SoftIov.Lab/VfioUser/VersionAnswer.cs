namespace SoftIov.Lab.VfioUser;

/// <summary>Answer to VERSION.</summary>
/// <param name="Major">Major version.</param>
/// <param name="Minor">Minor version.</param>
/// <param name="Capabilities">JSON, without the NUL at its end.</param>
public sealed record VersionAnswer(ushort Major, ushort Minor, string Capabilities);
