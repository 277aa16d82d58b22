namespace SoftIov.Daemon.Planning;

/// <summary>Clears VF Enable: all VFs of the adapter go, and clients lose them.</summary>
internal sealed record DisableVfs(string Adapter, int Count) : Step(Adapter)
{
    /// <inheritdoc/>
    public override string Action => Count == 1 ? "disable the VF" : $"disable all {Count} VFs";
}
