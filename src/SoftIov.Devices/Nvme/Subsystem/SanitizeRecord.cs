namespace SoftIov.Devices.Nvme;

/// <summary>The most recent sanitize operation, for the subsystem's life.</summary>
/// <param name="State">How it went.</param>
/// <param name="Command">Dword 10 of its command.</param>
/// <param name="IsInFailureMode">True when it failed and nobody left that state: there is no I/O.</param>
public sealed record SanitizeRecord(SanitizeState State, uint Command, bool IsInFailureMode)
{
    /// <summary>There was none.</summary>
    public static SanitizeRecord Never { get; } = new(SanitizeState.Never, 0, false);
}
