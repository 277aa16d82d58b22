using SoftIov.Api;

namespace SoftIov.Daemon.Hosting;

/// <summary>What is said to the daemon when it starts.</summary>
internal sealed record DaemonSettings
{
    /// <summary>Configuration file that replaces the saved state at start; null to go on with the saved state.</summary>
    public string? ConfigurationFile { get; init; }

    /// <summary>Control socket.</summary>
    public string SocketPath { get; init; } = ControlSocket.DefaultPath;

    /// <summary>Where desired state is saved.</summary>
    public string StateDirectory { get; init; } = DesiredStateFile.DefaultDirectory;

    /// <summary>Where functions get their sockets, in a directory per adapter.</summary>
    public string RuntimeDirectory { get; init; } = ControlSocket.RuntimeDirectory;

    /// <summary>Poller threads, 1..64.</summary>
    public int Pollers { get; init; } = 1;

    /// <summary>Processors that pollers are bound to, a poller for each; null leaves them to the kernel.</summary>
    public IReadOnlyList<int>? PollerCores { get; init; }

    /// <summary>How long an idle queue is polled on before it is left to its doorbell.</summary>
    public int SpinMicroseconds { get; init; } = 20;
}
