namespace SoftIov.Daemon.Planning;

/// <summary>Sets NumVFs and VF Enable, as Linux does for a write to sriov_numvfs, and serves the VFs.</summary>
internal sealed record EnableVfs(string Adapter, int Count) : Step(Adapter)
{
    /// <inheritdoc/>
    public override string Action => Count == 1 ? "enable 1 VF" : $"enable {Count} VFs";
}
