namespace SoftIov.Lab.Nvme;

/// <summary>A command that had to succeed did not.</summary>
public sealed class NvmeException(string what, NvmeStatus status) : Exception($"{what}: status {status}")
{
    /// <summary>What the controller said.</summary>
    public NvmeStatus Status { get; } = status;
}
