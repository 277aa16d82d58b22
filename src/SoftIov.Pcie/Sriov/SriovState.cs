namespace SoftIov.Pcie;

/// <summary>Where a PF's VFs are between VF Enable's edges.</summary>
internal enum SriovState
{
    Disabled,

    /// <summary>Enabled, and still answering with request retry status.</summary>
    Starting,

    Enabled,

    /// <summary>VF Enable went to 0 and DMA is being stopped; over when the write is acknowledged.</summary>
    Draining,
}
