using SoftIov.Devices.Nvme.Spec;

namespace SoftIov.Devices.Nvme;

/// <summary>What became of a command: done with a status and a result, or still under way.</summary>
/// <param name="Status">How it ended.</param>
/// <param name="Dword0">Dword 0 of the completion.</param>
/// <param name="IsPending">It completes later, and whoever took it posts its completion.</param>
internal readonly record struct CommandResult(NvmeStatus Status, uint Dword0 = 0, bool IsPending = false)
{
    /// <summary>Completes later.</summary>
    public static CommandResult Pending => new(NvmeStatus.Success, IsPending: true);

    /// <summary>Done, with nothing to say.</summary>
    public static CommandResult Done => default;

    /// <summary>A status alone.</summary>
    public static implicit operator CommandResult(NvmeStatus status) => new(status);
}
