namespace SoftIov.Cli;

/// <summary>What the process returns; part of the interface (docs/guide/cli.md).</summary>
internal static class ExitCode
{
    /// <summary>Done.</summary>
    public const int Ok = 0;

    /// <summary>The daemon, QEMU or the host refused; standard error says why.</summary>
    public const int Failed = 1;

    /// <summary>The command line is wrong.</summary>
    public const int Usage = 2;

    /// <summary>No daemon answers.</summary>
    public const int NoDaemon = 3;

    /// <summary>Interrupted before the end (128 + SIGINT).</summary>
    public const int Interrupted = 130;
}
