namespace SoftIov.Pcie;

/// <summary>Where a PF's VFs are. Disabling takes no time: when the write of VF Enable is acknowledged, they are gone.</summary>
internal enum SriovState
{
    Disabled,

    /// <summary>Enabled, and still answering configuration requests with request retry status and no memory requests.</summary>
    Starting,

    Enabled,
}
