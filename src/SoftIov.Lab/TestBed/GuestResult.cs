namespace SoftIov.Lab.TestBed;

/// <summary>How a command ended in a guest.</summary>
/// <param name="ExitCode">Its exit code.</param>
/// <param name="Output">What it printed to either output.</param>
public sealed record GuestResult(int ExitCode, string Output)
{
    /// <summary>Whether it exited with 0.</summary>
    public bool Succeeded => ExitCode == 0;
}
