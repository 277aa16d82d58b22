using SoftIov.Devices.Nvme.Spec;

namespace SoftIov.Devices.Nvme;

/// <summary>What became of a deferred command.</summary>
/// <param name="Status">How it ended.</param>
/// <param name="Dword0">Dword 0 of the completion.</param>
/// <param name="Data">What goes to the host's buffer first; null for nothing.</param>
internal readonly record struct DeferredResult(NvmeStatus Status, uint Dword0 = 0, byte[]? Data = null)
{
    /// <summary>A status alone.</summary>
    public static implicit operator DeferredResult(NvmeStatus status) => new(status);
}
