namespace SoftIov.SystemTests.Rigs;

/// <summary>How a command on the host ended.</summary>
internal sealed record CommandResult(int ExitCode, string Output, string Errors);
