namespace SoftIov.Api;

/// <summary>What answers at the control socket.</summary>
/// <param name="Version">Version of the daemon.</param>
/// <param name="Protocol">Version of the control protocol: 1.</param>
/// <param name="ProcessId">Its process.</param>
/// <param name="Started">When it started.</param>
/// <param name="StateDirectory">Where it keeps desired state.</param>
/// <param name="RuntimeDirectory">Where its sockets are.</param>
public sealed record VersionResult(
    string Version,
    int Protocol,
    int ProcessId,
    DateTimeOffset Started,
    string StateDirectory,
    string RuntimeDirectory);
