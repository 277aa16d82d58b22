namespace SoftIov.Devices.Nvme;

/// <summary>
/// Whether all of a store was erased and nothing written since. Known for as long as the subsystem lives, and not saved: that would be for the
/// first write to wait for.
/// </summary>
internal sealed class ErasedStore
{
    private volatile bool _isErased;

    /// <summary>Global Data Erased (NVMe 1.4, 5.14.1.16.2).</summary>
    public bool IsErased => _isErased;

    /// <summary>All of it was erased, and nobody writes.</summary>
    public void Erased() => _isErased = true;

    /// <summary>Somebody is about to write.</summary>
    public void Written() => _isErased = false;
}
